#!/usr/bin/env bash
# Judges answers/NAME.RUN.txt by cases/NAME/expect: lines "has TEXT", "lacks TEXT", "matches PATTERN" (extended), "most N
# words", "is json" (needs jq). Prints how many runs pass and why the others do not. Exit code 1 unless all pass.
set -euo pipefail
ls cases/*/ > /dev/null
bad=0
# judge RULE ANSWER
judge() {
  local what=${1#* }
  case $1 in
    has\ *) grep -qiF -- "$what" "$2" ;;
    lacks\ *) ! grep -qiF -- "$what" "$2" ;;
    matches\ *) grep -qE -- "$what" "$2" ;;
    most\ *) [ "$(wc -w < "$2")" -le "${what%% *}" ] ;;
    "is json") jq -e . "$2" > /dev/null 2>&1 ;;
    *) false ;;
  esac
}
for case in cases/*/; do
  name=$(basename "$case") runs=0 passed=0 why=
  [ -s "${case}expect" ] || { echo "$name: no file expect"; bad=1; continue; }
  for answer in answers/"$name".*.txt; do
    [ -e "$answer" ] || continue
    runs=$((runs + 1)) failed=
    while IFS= read -r rule || [ -n "$rule" ]; do
      [ -z "$rule" ] || judge "$rule" "$answer" || failed+="; not: $rule"
    done < "${case}expect"
    [ -z "$failed" ] && passed=$((passed + 1)) || why+="   $(basename "$answer")${failed#;}"$'\n'
  done
  printf '%-16s %d of %d\n%s' "$name" "$passed" "$runs" "$why"
  [ "$runs" -gt 0 ] && [ "$passed" = "$runs" ] || bad=1
done
exit "$bad"
