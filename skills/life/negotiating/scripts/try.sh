#!/usr/bin/env bash
# Needs: awk
# Prints: alternative      56500.00     32.85 an hour
# Prints: limit            58000.00     33.72 an hour  +1500.00 against no deal
# Prints: money            61700.00     35.87 an hour  +5200.00 against no deal
# Prints: time             61500.00     38.44 an hour  +5000.00 against no deal
# Prints: first offer      55000.00     31.98 an hour  -1500.00 against no deal  BELOW THE LIMIT
# Prints: the packages differ by 6700.00: NOT worth the same
# Prints: the packages differ by 200.00: worth the same
# Prints: rent: home             -9600.00  +1200.00 against no deal
# Prints: the limit is worse than no deal
# Prints: line 3: 3 fields, not 4
# Prints: line 2: "5 %" is no number
set -euo pipefail
cp ~/skill/scripts/offers.sh .
cat > offers.tsv <<'TABLE'
what	worth	alternative	limit	money	time	first offer
pay a year	1	50000	52000	56000	53500	49000
bonus, odds one in two	0.5	1000	0	1400	0	0
days off	200	30	30	25	40	30
hours a year		1720	1720	1720	1600	1720
TABLE
   bash offers.sh offers.tsv
cut -f1-6 offers.tsv > two.tsv && bash offers.sh two.tsv
printf 'what\tworth\talternative\thome\nrent a month\t-12\t900\t800\n' > rent.tsv
echo "rent: $(bash offers.sh rent.tsv | tail -1)"
printf 'what\tworth\talternative\tlimit\nprice\t-1\t900\t1000\n' > worse.tsv
bash offers.sh worse.tsv && exit 1 || true
printf 'what\tworth\talternative\tA\nprice\t1\t2\t3\nrate\t1\t2\n' > short.tsv
bash offers.sh short.tsv && exit 1 || true
printf 'what\tworth\talternative\tA\nrate\t1\t2\t5 %%\n' > words.tsv
bash offers.sh words.tsv && exit 1 || true
