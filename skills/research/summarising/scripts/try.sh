#!/usr/bin/env bash
# Needs: grep split
# Prints: found 14.5
# Prints: MISSING 9999
# Prints: parts: 3
set -euo pipefail
for n in $(seq 1 1000); do echo "Line $n of a long report."; done > notes.txt
echo "The price rose to 14.5 euros." >> notes.txt
wc -lw notes.txt
split -l 400 -d --additional-suffix=.txt notes.txt part-
echo "parts: $(ls part-*.txt | wc -l)"
echo "It rose to 14.5 euros, 9999 per cent more." > summary.txt
  grep -oE '[0-9]+([.,][0-9]+)*' summary.txt | sort -u | while read -r number; do
    grep -qwF "$number" notes.txt && echo "found $number" || echo "MISSING $number"
  done
