#!/usr/bin/env bash
# Needs: python3 sqlite3 iconv
# Prints: ; 1
# Prints: rent	1234.50
# Prints: rows	3
# Prints: Café
set -euo pipefail
printf 'category;amount\r\nrent;"1.234,50"\r\nfood;10,25\r\nCaf\351;"1,00"\r\n' > data.csv
   for mark in ',' ';' '|'; do printf '%s %s\n' "$mark" "$(head -1 data.csv | tr -cd "$mark" | wc -c)"; done
   iconv -f WINDOWS-1252 -t UTF-8 data.csv > clean.csv
   sed -i 's/\r$//; 1s/^\xEF\xBB\xBF//' clean.csv
python3 - clean.csv <<'PY'
import csv, sys, collections
from decimal import Decimal
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8"), delimiter=";"))
totals = collections.defaultdict(Decimal)
for row in rows:
    totals[row["category"]] += Decimal(row["amount"].replace(".", "").replace(",", "."))
for name, total in sorted(totals.items(), key=lambda item: -item[1]):
    print(f"{name}\t{total}")
print(f"rows\t{len(rows)}")
PY
   sqlite3 :memory: -cmd '.mode csv' -cmd '.separator ;' '.import clean.csv t' 'SELECT category, count(*) FROM t GROUP BY 1 ORDER BY 2 DESC, 1;'
