#!/usr/bin/env bash
# Where a CV speaks of what is demanded, and where not: coverage.sh DEMANDS.tsv CV.txt
# A demand is a line must|nice<TAB>DEMAND<TAB>WORDS, several separated by "|". A line found is a place to look at, not yet
# evidence. Exit code 1 when a must-demand is not found.
set -euo pipefail
awk -F'\t' '
  # The word as a whole, so that "R" is not found in "Rust", nor "C" in "C++".
  function has(text, word,   from, at, end) {
    for (from = 1; (at = index(substr(text, from), word)) > 0; from = at + 1) {
      at += from - 1; end = at + length(word)
      if (substr(text, at - 1, at > 1) !~ /[a-z0-9]/ && substr(text, end, 1) !~ /[a-z0-9+#]/) return 1
    }
    return 0
  }
  FILENAME == ARGV[1] { cv[FNR] = $0; lines = FNR; next }
  NF != 3 || $1 !~ /^(must|nice)$/ || $3 == "" { print "line " FNR ": not must or nice<TAB>DEMAND<TAB>WORDS"; bad = 1; next }
  {
    total[$1]++; found = 0; n = split(tolower($3), words, "|")
    for (l = 1; l <= lines && !found; l++) for (i = 1; i <= n && !found; i++) if (words[i] != "" && has(tolower(cv[l]), words[i])) found = l
    printf "%s  %-24s %s\n", $1, $2, found ? "line " found ": " substr(cv[found], 1, 90) : "GAP"
    if (found) met[$1]++
  }
  END {
    printf "must: %d of %d, nice: %d of %d\n", met["must"], total["must"], met["nice"], total["nice"]
    exit bad || met["must"] < total["must"]
  }' "$2" "$1"
