#!/usr/bin/env bash
# Needs: awk sort grep date
# Prints: must  Python                   line 2: Wrote reports in Python
# Prints: must  R                        GAP
# Prints: must  C++                      line 3: Ported C++ to Rust
# Prints: nice  C                        GAP
# Prints: nice  Leading people           line 4: Headed a team of 4
# Prints: must: 2 of 3, nice: 1 of 2
# Prints: all there
# Prints: must: 0 of 2, nice: 0 of 2
# Prints: line 1: not must or nice
# Prints: gap of 5 months before 2022-11 Acme
# Prints: 2024-01 Evening school overlaps with what ends 2025-06
# Prints: up to now: 2025-07 Bolt
# Prints: letter.txt:2:Bolt
# Prints: nobody else is named
# Prints: remind on 2027-03-19
set -euo pipefail
cp ~/skill/scripts/coverage.sh .
printf 'Ann Example\nWrote reports in Python\nPorted C++ to Rust\nHeaded a team of 4\n' > cv.txt
printf 'must\tPython\tpython\nmust\tR\tr|cran\nmust\tC++\tc++\nnice\tC\tc\nnice\tLeading people\tled|headed a team\n' > demands.tsv
   bash coverage.sh demands.tsv cv.txt && exit 1 || true
grep -v R demands.tsv > met.tsv && bash coverage.sh met.tsv cv.txt && echo "all there"
touch none.txt && bash coverage.sh met.tsv none.txt && exit 1 || true
printf 'Python, a must\n' > bad.tsv && bash coverage.sh bad.tsv cv.txt && exit 1 || true
printf '2022-11\t2025-06\tAcme\n2019-03\t2022-05\tTwist\n2025-07\tnow\tBolt\n2024-01\t2024-12\tEvening school\n' > stations.tsv
   sort stations.tsv | awk -F'\t' '
     function months(text) { return substr(text, 1, 4) * 12 + substr(text, 6, 2) }
     NR > 1 && months($1) > months(end) + 1 { print "gap of " months($1) - months(end) - 1 " months before " $1 " " $3 }
     NR > 1 && months($1) < months(end) { print $1 " " $3 " overlaps with what ends " end }
     NR == 1 || months($2) > months(end) || $2 == "now" { end = $2 == "now" ? "9999-12" : $2 }
     $2 == "now" { print "up to now: " $1 " " $3 }'
employer=Acme sent=2027-03-05
printf 'Acme\t2027-03-05\tv2\nBolt\t2027-02-01\tv1\n' > applications.tsv
printf 'To Acme, with pleasure.\nWorking at Bolt would be a joy.\n' > letter.txt
   cut -f1 applications.tsv | grep -vxF "$employer" | grep -noHiF -f - letter.txt || echo "nobody else is named"
sed -i '/Bolt/d' letter.txt
   cut -f1 applications.tsv | grep -vxF "$employer" | grep -noHiF -f - letter.txt || echo "nobody else is named"
   echo "remind on $(date -d "$sent +14 days" +%F)"
