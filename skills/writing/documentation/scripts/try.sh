#!/usr/bin/env bash
# Needs: awk grep
# Prints: broken: ./README.md -> docs/none.md#part
# Prints: links fine
# Prints: commands parse
set -euo pipefail
mkdir docs
touch docs/use.md
printf '# X\n\nSee [use](docs/use.md), [gone](docs/none.md#part) and [web](https://example.org).\n\n```bash\necho hello\n```\n' > README.md
check() {
  broken=0
  while IFS=: read -r file link; do
    target=$(dirname "$file")/${link%%#*}
    [ -e "$target" ] || { echo "broken: $file -> $link"; broken=1; }
  done < <(grep -roE --include='*.md' '\]\([^)#:]+(#[^)]*)?\)' . | sed -E 's/:\]\(/:/; s/\)$//')
  [ "$broken" = 0 ] && echo "links fine"
}
check || true
touch docs/none.md
check
  awk '/^```(bash|sh)$/ { on = 1; next } /^```/ { on = 0 } on' README.md | bash -n && echo "commands parse"
