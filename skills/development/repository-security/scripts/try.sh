#!/usr/bin/env bash
# Needs: git
# Prints: config.py:1
# Prints: no such files now
# Prints: deploy.pem
# Prints: run.py:1:
set -euo pipefail
git init -q -b main . && git config user.name Ada && git config user.email ada@example.org
touch deploy.pem && git add . && git commit -qm key && git rm -q deploy.pem && git commit -qm "remove key"
printf 'api_%s = "%s"\n' key "$(printf 'a1%.0s' 1 2 3 4 5 6 7 8 9 10)" > config.py
echo 'subprocess.run(command, shell=True)' > run.py
git add . && git commit -qm code
   git ls-files | grep -iE '(^|/)(\.env(\..*)?|id_(rsa|ed25519)|.*\.(pem|p12|pfx|key|kdbx)|credentials(\.json)?|.*\.sqlite3?)$' || echo "no such files now"
   git log --all --diff-filter=A --name-only --format= | sort -u |
     grep -iE '(^|/)(\.env|id_(rsa|ed25519)|.*\.(pem|p12|pfx|key))$' || echo "no such files in history"
   git grep -nIiE '(password|passwd|secret|token|api_?key)["'"'"' ]*[:=]+["'"'"' ]*[A-Za-z0-9/+_.-]{16,}' -- ':!*.lock' ':!package-lock.json' |
     cut -d: -f1,2 | sort -u
   git grep -nIE 'eval\(|new Function\(|exec\(|shell=True|os\.system|pickle\.loads|yaml\.load\(|innerHTML *=|dangerouslySetInnerHTML|verify=False|rejectUnauthorized: *false|md5\(|Math\.random\(' -- ':!*test*' | head -60
