#!/usr/bin/env bash
# Needs: grep tr date
# Prints: == money|2:2 Rent is EUR 850 a month, payable by the third day.
# Prints: == renewal by itself|5:4 It renews for a year unless
# Prints: 6:notice of 3 months is received in writing, subject to clause 9.
# Prints: 2:EUR 850
# Prints: 3:2027-06-01
# Prints: 6:3 months
# Prints: 6:clause 9
# Prints: found no words on|increases|liability|penalties
# Prints: word for word: unless notice of 3 months is received in writing
# Prints: NOT IN THE TEXT: notice of 2 months
# Prints: no text in scan.txt
# Prints: german: == notice and end|1:Die Kündigungsfrist beträgt 3 Monate.
# Prints: plain 2027-03-15
# Prints: end of month 2027-02-28
# Prints: leap year 2028-02-29
# Prints: year before 2026-11-28
set -euo pipefail
cp ~/skill/scripts/clauses.sh .
cat > contract.txt <<'TEXT'
1 Parties: Ann Example and Bob Example.
2 Rent is EUR 850 a month, payable by the third day.
3 The term begins on 2027-06-01.

4 It renews for a year unless
notice of 3 months is received in writing, subject to clause 9.
TEXT
   bash clauses.sh contract.txt
bash clauses.sh contract.txt | paste -sd'|' -
printf 'unless notice of 3 months is received in writing\nnotice of 2 months\n' > quotes.txt
   tr -s '[:space:]' ' ' < contract.txt > flat.txt
   while IFS= read -r quote; do
     grep -qF -- "$quote" flat.txt && echo "word for word: $quote" || echo "NOT IN THE TEXT: $quote"
   done < quotes.txt
bash clauses.sh scan.txt && exit 1 || true
echo 'Die Kündigungsfrist beträgt 3 Monate.' > vertrag.txt
echo "german: $(bash clauses.sh vertrag.txt | paste -sd'|' -)"
   last_notice() { # last_notice END MONTHS, in whole months before the end of the term
     local month; month=$(date -d "${1%-*}-01 -$2 months" +%Y-%m)
     local most; most=$(date -d "$month-01 +1 month -1 day" +%d)
     local day=${1##*-}; [ "$day" -le "$most" ] || day=$most
     echo "$month-$day"
   }
echo "plain $(last_notice 2027-06-15 3)"
echo "end of month $(last_notice 2027-05-31 3)"
echo "leap year $(last_notice 2028-05-31 3)"
echo "year before $(last_notice 2027-02-28 3)"
