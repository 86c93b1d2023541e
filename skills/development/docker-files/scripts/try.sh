#!/usr/bin/env bash
# Needs: awk
# Prints: template: nothing found
# Prints: 1: base image without a version
# Prints: 2: a secret would stay in the image
# Prints: 4: shell form; signals do not arrive
# Prints: runs as root
set -euo pipefail
look() {
awk '
  /^FROM / && !/@sha256:|:[^ ]+/ && !/ scratch/ { print FNR ": base image without a version" }
  /^FROM [^ ]*:latest/ { print FNR ": base image is latest" }
  /^ADD [^ ]/ && !/\.tar/ { print FNR ": ADD; use COPY" }
  /^(ARG|ENV) .*(PASSWORD|TOKEN|SECRET|KEY)/ { print FNR ": a secret would stay in the image" }
  /apt-get install/ && !/--no-install-recommends/ { print FNR ": apt-get without --no-install-recommends" }
  /^(CMD|ENTRYPOINT) [^\[]/ { print FNR ": shell form; signals do not arrive" }
  /^USER / { user = $2 }
  END { if (user == "" || user == "root" || user == "0") print "runs as root" }
' Dockerfile
}
cp ~/skill/templates/Dockerfile .
echo "template: $(look | grep . || echo 'nothing found')"
printf 'FROM debian\nARG DB_PASSWORD\nADD . /app\nCMD run me\n' > Dockerfile
look
   printf '%s\n' .git .env '*.log' node_modules dist coverage > .dockerignore
grep -qx .env .dockerignore
