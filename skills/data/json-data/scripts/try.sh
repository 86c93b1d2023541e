#!/usr/bin/env bash
# Needs: jq
# Prints: valid
# Prints: 1	Pen	2.5
# Prints: "total":62.5
# Prints: "id","kind","name","price"
# Prints: sum: 62.5
# Prints: found: 2
set -euo pipefail
echo '{"items":[{"id":1,"kind":"a","name":"Pen","price":2.5},{"id":2,"kind":"a","name":"Bag","price":60},{"id":3,"kind":"b","name":"Map","price":null}]}' > data.json
name=Bag
   jq empty data.json && echo "valid"
   jq -r 'paths | map(if type == "number" then "[]" else . end) | join(".")' data.json | sort | uniq -c | sort -rn | head -40
   jq -r '.items[] | select(.price != null and .price < 50) | [.id, .name, .price] | @tsv' data.json
jq -c '.items | group_by(.kind) | map({ kind: .[0].kind, count: length, total: (map(.price // 0) | add) })' data.json
   jq -r '(.items[0] | keys_unsorted) as $k | $k, (.items[] | [.[$k[]]]) | @csv' data.json > items.csv
cat items.csv
jq -c '.items[]' data.json > items.ndjson
echo "sum: $(jq -n 'reduce inputs as $x (0; . + ($x.price // 0))' items.ndjson)"
echo "found: $(jq --arg name "$name" '.items[] | select(.name == $name)' data.json | jq .id)"
