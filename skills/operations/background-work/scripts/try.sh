#!/usr/bin/env bash
# Needs: flock sha256sum
# Prints: 2/3 FAILED b
# Prints: finished: 2 of 3
# Prints: second run: 2/3 ok b
# Prints: finished: 3 of 3
set -euo pipefail
printf 'a\nb\nc d\n' > items.txt
echo '[ "$1" != b ] || [ -e allowed ] || exit 1; echo "result of $1"' > work.sh
cat > batch.sh <<'SCRIPT'
   set -uo pipefail
   mkdir -p done
   total=$(wc -l < items.txt) number=0
   while IFS= read -r item; do
     number=$((number + 1))
     result="done/$(printf '%s' "$item" | sha256sum | cut -c1-16)"
     [ -e "$result" ] && continue
     if bash work.sh "$item" > "$result.part" 2>> errors.log < /dev/null; then
       mv "$result.part" "$result"; echo "$number/$total ok $item"
     else
       echo "$item" >> failed.txt; echo "$number/$total FAILED $item"
     fi
   done < items.txt
   echo "finished: $(find done -type f ! -name '*.part' | wc -l) of $total"
SCRIPT
   flock -n batch.lock bash batch.sh
touch allowed
echo "second run: $(flock -n batch.lock bash batch.sh)"
