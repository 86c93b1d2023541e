#!/usr/bin/env bash
# What packages are worth to the person, against the limit and against no deal: offers.sh OFFERS.tsv
# First line: what<TAB>worth<TAB>alternative<TAB>limit<TAB>names of packages; then one line a matter, amounts under each
# name. Worth is the money that one more of it is worth, negative for what costs. "hours a year" divides and is not added.
set -euo pipefail
awk -F'\t' '
  NR == 1 {
    columns = NF
    for (i = 3; i <= NF; i++) { name[i] = $i; if ($i == "alternative") none = i; else if ($i == "limit") limit = i }
    if ($1 != "what" || $2 != "worth" || !none) { print "the first line is not what, worth, alternative, ..."; bad = 1; exit }
    next
  }
  NF != columns { print "line " NR ": " NF " fields, not " columns; bad = 1; next }
  { for (i = 2; i <= NF; i++) if ($i !~ /^-?[0-9]+(\.[0-9]+)?$/ && !(i == 2 && $1 == "hours a year")) { print "line " NR ": \"" $i "\" is no number"; bad = 1 } }
  $1 == "hours a year" { for (i = 3; i <= NF; i++) hours[i] = $i; next }
  { for (i = 3; i <= NF; i++) sum[i] += $2 * $i }
  END {
    if (bad) exit 1
    for (i = 3; i <= columns; i++) {
      printf "%-12s %12.2f", name[i], sum[i]
      if (hours[i] > 0) printf "  %8.2f an hour", sum[i] / hours[i]
      if (i != none) printf "  %+.2f against no deal", sum[i] - sum[none]
      if (i != none && i != limit && limit && sum[i] < sum[limit]) printf "  BELOW THE LIMIT"
      print ""
      if (i == none || i == limit) continue
      if (!packages++ || sum[i] > most) most = sum[i]
      if (packages == 1 || sum[i] < least) least = sum[i]
    }
    if (limit && sum[limit] < sum[none]) { print "the limit is worse than no deal: raise it"; bad = 1 }
    if (packages > 1) printf "the packages differ by %.2f: %s\n", most - least, (most - least <= (most < 0 ? -most : most) * 0.02 ? "worth the same" : "NOT worth the same")
    exit bad
  }' "$1"
