#!/usr/bin/env bash
# Sums of a Markdown table "| criterion | weight | option | option |", and what the result hangs on: weigh.sh TABLE.md
set -euo pipefail
awk -F' *\\| *' '
  # The option that beats w when the criterion c is left out, or w.
  function best(w,   i) { for (i = 3; i < columns; i++) if (sum[i] - part[c, i] > sum[w] - part[c, w]) w = i; return w }
  !/^\|/ || /^\|[-| :]+$/ || /^\| *sum / { next }
  !columns { columns = NF; for (i = 4; i < NF; i++) name[i - 1] = $i; columns--; next }
  NF != columns + 1 { print "line " NR ": " NF - 4 " marks for " columns - 3 " options"; bad = 1; next }
  {
    criterion[++rows] = $2
    for (i = 3; i < columns; i++) {
      if ($(i + 1) !~ /^[1-5]$/) { print "line " NR ": mark " $(i + 1) " for " name[i] " is not 1 to 5"; bad = 1 }
      part[rows, i] = $3 * $(i + 1); sum[i] += part[rows, i]
    }
  }
  END {
    if (bad || !rows) exit 1
    for (i = 3; i < columns; i++) printf "%5d  %s\n", sum[i], name[i]
    c = 0; w = best(3); second = 0
    for (i = 3; i < columns; i++) if (i != w && sum[i] > second) second = sum[i]
    print "first: " name[w] (sum[w] - second < sum[w] / 10 ? ", but a difference under a tenth is a tie" : "")
    for (c = 1; c <= rows; c++) if (best(w) != w) print "hangs on \"" criterion[c] "\": without it " name[best(w)] " is first"
  }' "$1"
