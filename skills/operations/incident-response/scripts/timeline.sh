#!/usr/bin/env bash
# How long an incident took, and what its file lacks: timeline.sh INCIDENT.md [GRADE]
# Times are UTC, YYYY-MM-DD HH:MM. Exit code 1 when something is lacking.
set -euo pipefail
awk -F' *\\| *' -v grade="${2:-}" '
  BEGIN { time = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][ T][0-9][0-9]:[0-9][0-9]"; split("30 60 1440", promised, " ") }
  # Minutes since 1970, or "" when there is no time.
  function minutes(text,   y, m, d) {
    if (!match(text, time)) return ""
    text = substr(text, RSTART, RLENGTH)
    y = substr(text, 1, 4) + 0; m = substr(text, 6, 2) + 0; d = substr(text, 9, 2) + 0
    if (m < 3) { y--; m += 12 }
    return (365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + d - 719469) * 1440 + substr(text, 12, 2) * 60 + substr(text, 15, 2)
  }
  function lacks(what) { problems = problems what "\n" }
  function span(from, to) { return sprintf("%d h %02d min", (to - from) / 60, (to - from) % 60) }
  function update(at) { if (at - spoke > longest) longest = at - spoke; spoke = at }
  /^## / { part = $0 }
  match($0, /^- (Began|Noticed|Damage stopped|Ended)/) { name = substr($0, 3, RLENGTH - 2); at[name] = minutes($0) }
  /^- Grade:/ && grade == "" { grade = $0; gsub(/[^0-9]/, "", grade) }
  part ~ /^## Timeline/ && /^\|/ && !/^\|[-| :]+$/ && $2 != "time" {
    now = minutes($2)
    if (now == "") lacks("line " NR ": no time (YYYY-MM-DD HH:MM)")
    else { if (now < before) lacks("line " NR ": earlier than the line before"); before = now; if (!first) first = spoke = now }
    if (now != "" && tolower($3) ~ /^update/) update(now)
    if ($4 == "") lacks("line " NR ": no source")
  }
  part ~ /^## Actions/ && /^\|/ && !/^\|[-| :]+$/ && $2 != "what" {
    actions++
    if ($3 == "" || $4 == "" || $5 !~ /[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]/) lacks("line " NR ": an action needs what it does, an owner and a date")
  }
  END {
    split("Began,Noticed,Damage stopped,Ended", mark, ","); last = ""
    for (i = 1; i <= 4; i++) {
      if (at[mark[i]] == "") { lacks("no time: " mark[i]); continue }
      if (last != "" && at[mark[i]] < at[last]) lacks(mark[i] " is before " last)
      else if (last != "") printf "%-26s %s\n", tolower(last) " to " tolower(mark[i]), span(at[last], at[mark[i]])
      last = mark[i]
    }
    if (at["Began"] != "" && at["Ended"] != "") printf "%-26s %s\n", "in all", span(at["Began"], at["Ended"])
    if (first && at["Ended"] != "") update(at["Ended"])
    if (longest) printf "%-26s %s%s\n", "longest without an update", span(0, longest), (promised[grade] && longest > promised[grade] ? ", promised was every " promised[grade] " min" : "")
    if (actions > 5) lacks(actions " actions: five at most")
    printf "%s", problems
    exit problems != ""
  }' "$1"
