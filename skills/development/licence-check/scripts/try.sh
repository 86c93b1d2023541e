#!/usr/bin/env bash
# Needs: jq
# Prints: no licence file
# Prints: 2 MIT
# Prints: AGPL-3.0	b@2.0.0
# Prints: UNKNOWN	c@1.0.0
set -euo pipefail
package() { mkdir -p "$1"; echo "$2" > "$1/package.json"; }
package node_modules/a '{"name":"a","version":"1.0.0","license":"MIT"}'
package node_modules/a/node_modules/b '{"name":"b","version":"2.0.0","licenses":[{"type":"AGPL-3.0"}]}'
package node_modules/@x/d '{"name":"@x/d","version":"1.0.0","license":{"type":"MIT"}}'
package node_modules/c '{"name":"c","version":"1.0.0"}'
   ls LICENSE* LICENCE* COPYING* NOTICE* 2>/dev/null || echo "no licence file: nobody may use it"
   find node_modules -name package.json -path '*node_modules/*/package.json' -not -path '*/test/*' -print0 2>/dev/null |
     xargs -0 jq -r 'select(.name and .version) | [(.license // .licenses // "UNKNOWN" | if type == "object" then .type elif type == "array" then (map(.type // .) | join(" OR ")) else . end), .name + "@" + .version] | @tsv' |
     sort -u > licences.tsv
   cut -f1 licences.tsv | sort | uniq -c | sort -rn
   grep -E '^(UNKNOWN|UNLICENSED|SEE |.*(GPL|SSPL|BUSL|CC-BY-NC))' licences.tsv || echo "nothing to look at"
