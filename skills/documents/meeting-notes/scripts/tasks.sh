#!/usr/bin/env bash
# Who has to do what by when, and what the tasks of a meeting lack: tasks.sh NOTES.md
# A task is a line "- [ ] WHO: WHAT, until YYYY-MM-DD". Exit code 1 when a task lacks something.
set -euo pipefail
tasks=$(awk '
  BEGIN { iso = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"; split("31 29 31 30 31 30 31 31 30 31 30 31", days, " ") }
  function lacks(what) { problems = problems between what; between = "; " }
  function exists(date,   day, last) {
    day = substr(date, 9, 2) + 0; last = days[substr(date, 6, 2) + 0]
    return day >= 1 && day <= last - (substr(date, 6, 2) == "02" && substr(date, 1, 4) % 4 > 0)
  }
  /^# / && match($0, iso) { meeting = substr($0, RSTART, RLENGTH) }
  /^Present:/ { present = $0; sub(/\|.*/, "", present) }
  /^ *- \[[ xX]\] / {
    task = $0; sub(/^ *- \[[ xX]\] /, "", task)
    problems = between = due = ""; owner = task; what = task
    if (sub(/: .*/, "", owner)) sub(/^[^:]*: /, "", what); else owner = ""
    if (owner == "" || tolower(owner) ~ /^(nobody.*|\?+|tbd|we|all|everybody|everyone|team|the team)$/) { lacks("nobody has it"); owner = "nobody yet" }
    else if (owner ~ /,|&|\/| and /) lacks("several people: one has to answer for it")
    else if (present != "" && index(present, owner) == 0) lacks(owner " was not there: who tells them?")
    while (match(what, iso)) { due = substr(what, RSTART, RLENGTH); what = substr(what, 1, RSTART - 1) substr(what, RSTART + RLENGTH) }
    sub(/,? *(until|by|due)? *$/, "", what)
    if (due == "") { lacks("no date"); due = "no date   " }
    else if (!exists(due)) lacks(due " is no day")
    else if (meeting != "" && due < meeting) lacks(due " is before the meeting")
    if (tolower(what) ~ /^(look into|think about|follow up|deal with|take care of)/) lacks("what can one see when it is done?")
    printf "%s\t%s\t%s\t%d\t%s\n", owner, due, what, NR, problems
  }' "$1")
[ -n "$tasks" ] || { echo "no task in $1"; exit 1; }
sort -t "$(printf '\t')" -k1,1 -k2,2 <<< "$tasks" | awk -F'\t' '$1 != last { print $1; last = $1 } { print "  " $2 "  " $3 }'
awk -F'\t' '$5 != "" { print "line " $4 ": " $5; bad++ } END { print "tasks: " NR ", to mend: " bad + 0; exit bad > 0 }' <<< "$tasks"
