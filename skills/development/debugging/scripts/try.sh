#!/usr/bin/env bash
# Needs: git
# Prints: break it
# Prints: is the first bad commit
# Prints: of 50 failed
set -euo pipefail
mkdir repo && cd repo
git init -q -b main . && git config user.name Ada && git config user.email ada@example.org
commit() { printf '#!/bin/sh\n%s\n' "$1" > sorter; chmod +x sorter; git add sorter; git commit -qm "$2"; }
commit 'sort' 'works'; good=$(git rev-parse HEAD)
commit 'sort # fast' 'comment'
commit 'sort -r' 'break it'
commit 'sort -r # more' 'later'
cat > ../repro.sh <<'SCRIPT'
set -eu
out=$(printf '3\n1\n2\n' | ./sorter)
[ "$out" = "$(printf '1\n2\n3')" ]
SCRIPT
bash ../repro.sh && exit 1
   git bisect start HEAD "$good"
git bisect run bash ../repro.sh | tail -20
   git bisect reset
echo '[ $((RANDOM % 2)) = 0 ]' > flaky.sh
  fails=0; for run in $(seq 1 50); do bash flaky.sh >/dev/null 2>&1 || fails=$((fails + 1)); done; echo "$fails of 50 failed"
[ "$fails" -gt 0 ]
