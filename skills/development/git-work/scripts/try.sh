#!/usr/bin/env bash
# Needs: git
# Prints: fix(parser): accept an empty list
# Prints: found again: second
# Prints: conflict in: a.txt
# Prints: clean
set -euo pipefail
git init -q -b main . && git config user.name Ada && git config user.email ada@example.org
mkdir src && echo one > src/a.c && git add . && git commit -qm first
echo two >> src/a.c
   git add -- src/a.c
   git diff --cached --stat && git diff --cached --check
   git commit -q -m "fix(parser): accept an empty list" -m "An empty list was read as a missing one."
   git log --oneline --graph -12
echo x > a.txt && git add a.txt && git commit -qm second
git branch "before-$(date +%Y%m%d-%H%M%S)"
lost=$(git rev-parse HEAD)
git reset -q --soft HEAD~1 && git restore --staged -- a.txt && rm a.txt
git reflog > reflog.txt && grep -q second reflog.txt && rm reflog.txt
git branch found "$lost" && echo "found again: $(git log -1 --format=%s found)"
echo y > a.txt && git add a.txt && git commit -qm other
git merge found > /dev/null 2>&1 || echo "conflict in: $(git diff --name-only --diff-filter=U)"
git merge --abort
[ -z "$(git status --short)" ] && echo clean
