#!/usr/bin/env bash
# Its calls of the memory tool are tried in the tests of the project; here is what a shell can do.
# Needs: grep
# Prints: before: ./notes/talks.md ./people.csv
# Prints: afterwards: no file says it
set -euo pipefail
mkdir -p notes .git
echo 'Ann asked about LISBON again.' > notes/talks.md
echo 'ann,Lisbon' > people.csv
echo 'Lisbon' > .git/kept
printf 'Lisbon\0' > picture.bin
echo 'nothing of it' > other.md
word=lisbon
look() {
   grep -rIliF --exclude-dir=.git -e "$word" . || echo "no file says it"
}
echo "before: $(look | sort | paste -sd' ' -)"
sed -i '/[Ll]isbon\|LISBON/d' notes/talks.md people.csv
echo "afterwards: $(look)"
