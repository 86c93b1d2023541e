#!/usr/bin/env bash
# Needs: git awk
# Prints: since v1.0.0
# Prints: 2 fix
# Prints: 1 feat
# Prints: feat(api)!: drop version 1
set -euo pipefail
git init -q -b main . && git config user.name Ada && git config user.email ada@example.org
commit() { echo "$1" >> log.txt; git add log.txt; git commit -qm "$1"; }
commit "chore: start"
git tag v1.0.0
commit "fix: no crash on empty input"
commit "fix(cli): exit code"
commit "feat(api)!: drop version 1"
   last=$(git describe --tags --abbrev=0) && echo "since $last"
   git log --no-merges --reverse --format='%h %s' "$last..HEAD"
   git log --no-merges --format='%s' "$last..HEAD" |
     awk -F'[(:!]' '{ n[$1]++ } END { for (k in n) print n[k], k }' | sort -rn
   git log --format='%h %s%n%b' "$last..HEAD" | grep -nE '^[0-9a-f]+ [a-z]+(\([^)]*\))?!:|BREAKING' || echo "nothing marked as breaking"
git merge-base --is-ancestor "$(git rev-parse HEAD~1)" HEAD
