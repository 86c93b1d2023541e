#!/usr/bin/env bash
# The decision records of a folder, the next number, and what does not fit together: records.sh FOLDER [TODAY]
# Files are named NUMBER-words.md. Exit code 1 when something does not fit.
set -euo pipefail
cd "$1"
ls [0-9]*.md > /dev/null 2>&1 || { echo "next: 0001"; exit 0; }
awk -v today="${2:-$(date +%F)}" '
  BEGIN { iso = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]" }
  function problem(n, what) { problems = problems file[n] ": " what "\n" }
  function wellKnown(n) { return n in file }
  # The number that follows one of the words, or "".
  function after(text, words) {
    if (!match(tolower(text), "(" words ")[^0-9]*[0-9]+")) return ""
    text = substr(text, RSTART, RLENGTH); sub(/^.*[^0-9]/, "", text)
    return text + 0
  }
  FNR == 1 {
    n = FILENAME + 0; part = ""
    if (n in file) problem(n, "has the number of " FILENAME)
    file[n] = FILENAME; if (n > last) last = n
  }
  /^# / && title[n] == "" { title[n] = substr($0, 3); if (title[n] ~ /^[0-9]+[. ]/ && title[n] + 0 != n) problem(n, "its title says " title[n] + 0) }
  /^## / { part = tolower(substr($0, 4)); next }
  status[n] == "" && part == "status" && NF { status[n] = $0 }
  status[n] == "" && part == "" && match($0, /Status: */) { status[n] = substr($0, RSTART + RLENGTH) }
  date[n] == "" && match($0, iso) && part !~ /look back/ { date[n] = substr($0, RSTART, RLENGTH) }
  part ~ /look back/ && match($0, iso) { back[n] = substr($0, RSTART, RLENGTH) }
  after($0, "replaces|supersedes") != "" { replaces[n, after($0, "replaces|supersedes")] = 1 }
  END {
    for (n = 1; n <= last; n++) if (n in file) {
      sub(/^[0-9]+[. ]+/, "", title[n]); sub(/[. ]+$/, "", status[n])
      printf "%04d  %-10s  %-18s  %s\n", n, date[n], status[n], title[n]
      if (date[n] == "") problem(n, "has no date")
      if (status[n] == "" || status[n] ~ /\|/) problem(n, "has no status")
      by = after(status[n], "(replaced|superseded) by")
      if (by != "" && !wellKnown(by)) problem(n, "is replaced by " by ", which is not there")
      else if (by != "" && !((by, n) in replaces)) problem(by, "does not say that it replaces " n)
      for (old = 1; old <= last; old++) if ((n, old) in replaces && after(status[old], "(replaced|superseded) by") != n)
        problem(n, "replaces " old ", whose status does not say so")
      if (back[n] != "" && back[n] <= today && by == "") print "      look back now: it was set for " back[n]
    } else problems = problems sprintf("%04d is missing\n", n)
    printf "next: %04d\n%s", last + 1, problems
    exit problems != ""
  }' [0-9]*.md
