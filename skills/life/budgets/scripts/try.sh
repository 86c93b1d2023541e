#!/usr/bin/env bash
# Needs: awk
# Prints: food           -42.30
# Prints: left          1507.70
# Prints: home       plan    800.00 spent    850.00 left    -50.00  OVER
set -euo pipefail
   add() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" >> ledger.tsv; }
   add 2027-03-01 -85000 home "rent"
   add 2027-03-02 -4230 food "market"
   add 2027-03-03 240000 income "salary"
add 2027-04-01 -1 food "another month"
   awk -F'\t' '$1 ~ /^2027-03/ { s[$3] += $2; all += $2 } END { for (k in s) printf "%-10s %10.2f\n", k, s[k] / 100; printf "%-10s %10.2f\n", "left", all / 100 }' ledger.tsv | sort -k2 -n
printf 'home\t80000\nfood\t30000\n' > plan.tsv
   awk -F'\t' 'NR == FNR { p[$1] = $2; next } $1 ~ /^2027-03/ && $2 < 0 { s[$3] -= $2 }
     END { for (k in p) printf "%-10s plan %9.2f spent %9.2f left %9.2f%s\n", k, p[k] / 100, s[k] / 100, (p[k] - s[k]) / 100, (s[k] > p[k] ? "  OVER" : "") }' plan.tsv ledger.tsv | sort
