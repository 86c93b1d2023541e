#!/usr/bin/env bash
# Needs: awk date
# Prints: 8 weeks, of which 2 without anything new: 24.0 h for new things, 17.0 h needed
# Prints: 2027-03-01  introduce myself         week 1, recall 2027-03-08 2027-03-11 2027-03-18 2027-04-06
# Prints: 2027-03-08  order a meal             week 2 to 3, recall 2027-03-22
# Prints: 2027-03-15  ask the way              week 3 to 5
# Prints: fits: the last unit ends in week 6 of 8
# Prints: does not fit: 9.0 h or 4 weeks too much
# Prints: line 2: not UNIT<TAB>HOURS
set -euo pipefail
cp ~/skill/scripts/plan.sh .
printf 'introduce myself\t4\norder a meal\t6\nask the way\t3\ntell a story\t4\n' > units.tsv
   bash plan.sh units.tsv 5 2027-03-01 2027-04-26
bash plan.sh units.tsv 5 2027-03-01 2027-03-15 && exit 1 || true
printf 'one\t4\ntwo, no hours\n' > bad.tsv
bash plan.sh bad.tsv 5 2027-03-01 2027-04-26 && exit 1 || true
