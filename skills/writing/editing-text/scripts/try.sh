#!/usr/bin/env bash
# Needs: git awk
# Prints: 1:very
# Prints: 2:the the
# Prints: draft.md:3: 40 words
# Prints: facts unchanged
# Prints: facts differ
set -euo pipefail
{ echo "This is very good, see https://example.org/a1 for 12.5 kg."; echo "Here is the the double word."; seq -s ' ' 101 140 | sed 's/[0-9]\+/word/g'; } > draft.md
   cp draft.md draft.orig.md
   grep -noiE '\b(very|really|basically|in order to|due to the fact that|leverage|utili[sz]e)\b' draft.md
   grep -noiE '\b([a-z]+) \1\b' draft.md
   awk '{ n = split($0, s, /[.!?] +/); for (i = 1; i <= n; i++) { w = split(s[i], x, / +/); if (w > 35) print FILENAME ":" FNR ": " w " words" } }' draft.md
sed -i 's/very good/good/' draft.md
   git diff --no-index --word-diff=plain draft.orig.md draft.md || true
  facts() { grep -oE 'https?://[^ )>]+|[0-9]+([.,:][0-9]+)*' "$1" | sort; }
  diff <(facts draft.orig.md) <(facts draft.md) && echo "facts unchanged"
sed -i 's/12.5/13.5/' draft.md
diff <(facts draft.orig.md) <(facts draft.md) > /dev/null || echo "facts differ"
