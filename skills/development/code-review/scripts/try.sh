#!/usr/bin/env bash
# Needs: git awk
# Prints: 1 file changed
# Prints: console.log
# Prints: no whitespace errors
# Prints: large: big.js
set -euo pipefail
git init -q -b main . && git config user.name Ada && git config user.email ada@example.org
echo 'export const a = 1;' > a.js && git add . && git commit -qm first
git checkout -qb change
echo 'console.log(2);' >> a.js && git commit -qam second
base=$(git merge-base main HEAD)
   git log --oneline "$base..HEAD"
   git diff --stat "$base..HEAD"
   git diff -U15 "$base..HEAD" > change.diff
git diff "$base..HEAD" | grep -nE '^\+.*(TODO|FIXME|XXX|console\.log|debugger|print\(|eval\(|any\b|@ts-ignore|noqa)' || echo "no leftovers"
git diff --check "$base..HEAD" && echo "no whitespace errors"
seq 500 > big.js && git add big.js && git commit -qm third
git diff --numstat "$base..HEAD" | awk '$1 + $2 > 400 { print "large: " $3 }'
