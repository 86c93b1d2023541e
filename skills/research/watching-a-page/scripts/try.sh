#!/usr/bin/env bash
# Needs: curl
# Prints: first look: price: 20.00
# Prints: second look: nothing
# Prints: price: 18.50
# Prints: pattern not found
set -euo pipefail
   cat > watch.sh <<'SCRIPT'
   set -u
   address=$1 pattern=$2 state=${3:-watch.state}
   page=$(curl -sSL --fail --max-time 30 "$address") || { echo "unreachable: $address" >&2; exit 3; }
   now=$(printf '%s' "$page" | grep -oE "$pattern" | head -5)
   [ -n "$now" ] || { echo "pattern not found: the page may have a new layout" >&2; exit 4; }
   before=$(cat "$state" 2>/dev/null || true)
   [ "$now" = "$before" ] && exit 0
   printf '%s\n' "$now" > "$state.new" && mv "$state.new" "$state"
   [ -z "$before" ] && { echo "first look: $now"; exit 0; }
   printf 'changed from:\n%s\nto:\n%s\n' "$before" "$now"
SCRIPT
address="file://$PWD/shop.html" pattern='price[^0-9]*[0-9]+([.,][0-9]{2})?'
echo '<b>price: 20.00</b>' > shop.html
bash watch.sh "$address" "$pattern"
echo "second look: $(bash watch.sh "$address" "$pattern" | grep . || echo nothing)"
echo '<b>price: 18.50</b>' > shop.html
bash watch.sh "$address" "$pattern"
bash watch.sh "$address" 'cost [0-9]+' || echo "exit $?"
bash watch.sh "file://$PWD/none.html" "$pattern" && exit 1
[ $? -eq 3 ]
