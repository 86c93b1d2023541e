#!/usr/bin/env bash
# Needs: grep sed perl
# Prints: all yes match
# Prints: no false match
# Prints: 05.03.2027
# Prints: left: [ab]
set -euo pipefail
   printf '%s\n' 2027-03-05 1999-12-31 > yes.txt
   printf '%s\n' 2027-13-05 27-03-05 2027-03-32 > no.txt
   pattern='^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
   grep -vE "$pattern" yes.txt && echo "MISSED one above" || echo "all yes match"
   grep -E "$pattern" no.txt && echo "WRONG one above" || echo "no false match"
echo "on 2027-03-05" > notes.txt
   sed -E 's/([0-9]{4})-([0-9]{2})-([0-9]{2})/\3.\2.\1/g' notes.txt > notes.new
   diff notes.txt notes.new | head -20 || true
printf 'aBEGIN\nx\nENDb' > file
echo "left: [$(perl -0pe 's/BEGIN.*?END//gs' file)]"
