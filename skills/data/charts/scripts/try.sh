#!/usr/bin/env bash
# Needs: python3 awk
# Prints: rent            850.0 ##############################
# Prints: bars: 3
# Prints: first: rent 500.0
# Prints: line 1: not a number
set -euo pipefail
printf 'food\t310.5\nrent\t850\nbus & tram\t42\n' > data.tsv
   sort -t"$(printf '\t')" -k2,2 -rn data.tsv |
     awk -F'\t' 'NR == 1 { most = $2 } { bar = sprintf("%*s", int($2 / most * 30 + 0.5), ""); gsub(/ /, "#", bar); printf "%-12s %8.1f %s\n", $1, $2, bar }'
cp ~/skill/scripts/bar_chart.py .
   python3 bar_chart.py data.tsv "Expenses in January (EUR)" > chart.svg
echo "bars: $(grep -c '<rect class="bar"' chart.svg)"
python3 -c 'import xml.dom.minidom as m; d = m.parse("chart.svg"); r = [e for e in d.getElementsByTagName("rect") if e.getAttribute("class")]; t = [e.firstChild.data for e in d.getElementsByTagName("text")]; print("first:", t[1], r[0].getAttribute("width"))'
printf 'a\tmany\n' > bad.tsv
python3 bar_chart.py bad.tsv x 2>&1 && exit 1 || true
