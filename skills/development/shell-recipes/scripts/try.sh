#!/usr/bin/env bash
# Needs: find awk sha256sum
# Prints: mv -n -- photos/a b.jpeg photos/a b.jpg
# Prints: exists: photos/c.jpg
# Prints: files: 4
# Prints: new name here
# Prints: added
# Prints: 3.50
set -euo pipefail
mkdir photos docs && touch "photos/a b.jpeg" photos/-d.JPEG photos/c.jpeg photos/c.jpg
rename() {
   find photos -type f -iname '*.jpeg' -print0 | while IFS= read -r -d '' file; do
     new="${file%.*}.jpg"
     [ -e "$new" ] && { echo "exists: $new"; continue; }
     ${DRY:+echo} mv -n -- "$file" "$new"
   done
}
DRY=1 rename
[ -e "photos/a b.jpeg" ]
rename
[ -e "photos/a b.jpg" ] && [ -e photos/-d.jpg ]
echo "files: $(find photos -type f | wc -l)"
echo "old name here" > docs/x.md
   grep -rlZ --include='*.md' 'old name' docs | xargs -0 -r sed -i.bak 's/old name/new name/g'
cat docs/x.md
echo a > old.txt; printf 'a\nadded\n' > new.txt
comm -13 <(sort -u old.txt) <(sort -u new.txt)                            # only in new.txt
printf 'x\t1.5\ny\t2\n' > table.tsv
awk -F'\t' '{ sum += $2 } END { printf "%.2f\n", sum }' table.tsv         # sum of a column
[ "$(find photos -type f -exec sha256sum {} + | sort | uniq -w64 -D | wc -l)" = 4 ]
