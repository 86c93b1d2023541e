#!/usr/bin/env bash
# Needs: awk date
# Prints: net    1059.97
# Prints: tax 19% on 1000.00: 190.00
# Prints: tax 7% on 59.97: 4.20
# Prints: total 1254.17
# Prints: 2027-03-19
set -euo pipefail
   printf 'Design\t12.5\t8000\t19\nPrint\t3\t1999\t7\n' > items.tsv
   awk -F'\t' 'function half(x) { return x < 0 ? -int(-x + 0.5) : int(x + 0.5) }
     { line = half($2 * $3); net[$4] += line; sum += line; printf "%-20s %7s x %9.2f = %10.2f\n", $1, $2, $3 / 100, line / 100 }
     END { printf "net %10.2f\n", sum / 100; total = sum
       for (rate in net) { tax = half(net[rate] * rate / 100); total += tax; printf "tax %s%% on %.2f: %.2f\n", rate, net[rate] / 100, tax / 100 }
       printf "total %.2f\n", total / 100 }' items.tsv
date -u -d "@$(($(date -u -d 2027-03-05 +%s) + 14 * 86400))" +%F
