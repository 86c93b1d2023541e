#!/usr/bin/env bash
# Needs: awk
# Prints: rice	450	g	dry
# Prints: dry	rice	550 g
# Prints: fresh	onion	4 piece
# Prints: lines: 2
set -euo pipefail
printf 'rice\t300\tg\tdry\nonion\t2\tpiece\tfresh\ncumin\t5\tg\tdry\n' > curry.tsv
printf 'rice\t100\tg\tdry\nonion\t1\tpiece\tfresh\n' > soup.tsv
printf 'cumin\t50\tg\n' > have.tsv
   awk -F'\t' -v from=4 -v to=6 'BEGIN { OFS = "\t" } { $2 = sprintf("%g", $2 * to / from); print }' curry.tsv > curry-6.tsv
cat curry-6.tsv
   awk -F'\t' 'FILENAME == "have.tsv" { have[$1 FS $3] += $2; next } { need[$1 FS $3] += $2; shelf[$1 FS $3] = $4 }
     END { for (k in need) if (need[k] > have[k]) { split(k, p, FS); printf "%s\t%s\t%g %s\n", shelf[k], p[1], need[k] - have[k], p[2] } }' have.tsv curry-6.tsv soup.tsv | sort | tee list.txt
echo "lines: $(wc -l < list.txt)"
