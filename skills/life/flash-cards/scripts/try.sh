#!/usr/bin/env bash
# Needs: awk date
# Prints: line 2: same front again: la casa
# Prints: line 3: 2 fields, not 3
# Prints: la casa	2	2027-03-08
# Prints: el mar	1	2027-03-07
# Prints: due: el mar
set -euo pipefail
printf 'la casa\thouse\tes\nla casa\thome\tes\nel mar\tsea\n' > cards.tsv
   awk -F'\t' 'NF != 3 { print "line " NR ": " NF " fields, not 3" } $1 == "" || $2 == "" { print "line " NR ": empty side" }
     seen[tolower($1)]++ { print "line " NR ": same front again: " $1 } length($2) > 120 { print "line " NR ": long answer" }' cards.tsv
   answered() { # answered FRONT yes|no [today]
     local today=${3:-$(date +%F)}
     touch state.tsv
     local box; box=$(awk -F'\t' -v f="$1" '$1 == f { print $2 }' state.tsv)
     [ "$2" = yes ] && box=$((${box:-0} + 1)) || box=1
     [ "$box" -le 5 ] || box=5
     awk -F'\t' -v f="$1" '$1 != f' state.tsv > state.new
     printf '%s\t%s\t%s\n' "$1" "$box" "$(date -u -d "@$(($(date -u -d "$today" +%s) + 2 ** (box - 1) * 86400))" +%F)" >> state.new
     mv state.new state.tsv
   }
   due() { awk -F'\t' -v today="${1:-$(date +%F)}" '$3 <= today { print $1 }' state.tsv; }
answered "la casa" yes 2027-03-05
answered "la casa" yes 2027-03-06
answered "el mar" no 2027-03-06
cat state.tsv
echo "due: $(due 2027-03-07)"
