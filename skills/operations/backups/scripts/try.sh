#!/usr/bin/env bash
# Needs: tar sha256sum
# Prints: .tar.gz: OK
# Prints: restore is identical
# Prints: entries: 3
# Prints: damage is noticed
set -euo pipefail
mkdir -p docs/node_modules && echo one > "docs/a b.txt" && echo two > docs/c.txt && echo big > docs/node_modules/x
   stamp=$(date -u +%Y%m%dT%H%M%SZ)
   tar --exclude=node_modules --exclude=.cache -czf "docs-$stamp.tar.gz" docs
   tar -tzf "docs-$stamp.tar.gz" > "docs-$stamp.list"
   sha256sum "docs-$stamp.tar.gz" > "docs-$stamp.sha256"
rm -r docs/node_modules
   sha256sum -c "docs-$stamp.sha256"
   mkdir -p restored && tar -xzf "docs-$stamp.tar.gz" -C restored
   diff -r docs restored/docs && echo "restore is identical"
echo "entries: $(wc -l < "docs-$stamp.list")"
for day in 1 2 3 4 5 6 7 8; do touch "docs-2026010${day}T000000Z.tar.gz"; done
   ls -1 docs-*.tar.gz | sort -r | tail -n +8
echo x >> "docs-$stamp.tar.gz"
sha256sum --status -c "docs-$stamp.sha256" || echo "damage is noticed"
