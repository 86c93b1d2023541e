#!/usr/bin/env bash
# Needs: jq
# Prints: placeholders agree
# Prints: keys agree
# Prints: untranslated: b.c
# Prints: missing: invoice -> Rechnung
set -euo pipefail
printf 'Hello {name}, %%d files in <b>invoice</b>\n' > en.txt
printf 'Hallo {name}, %%d Dateien in <b>Beleg</b>\n' > de.txt
printf 'invoice\tRechnung\n' > glossary.tsv
echo '{"a":"yes","b":{"c":"no"}}' > en.json
echo '{"a":"ja","b":{"c":"no"}}' > de.json
marks() { grep -oE '%[0-9$]*[sdf]|\{\{?[A-Za-z0-9_.]+\}?\}|<\/?[a-z][^>]*>|\$[A-Z_]+' "$1" | sort | uniq -c; }
diff <(marks en.txt) <(marks de.txt) && echo "placeholders agree"
diff <(jq -r 'paths(scalars) | join(".")' en.json | sort) <(jq -r 'paths(scalars) | join(".")' de.json | sort) && echo "keys agree"
echo "untranslated: $(jq -rn --slurpfile a en.json --slurpfile b de.json '[$a[0], $b[0]] as [$x, $y]
  | [$x | paths(scalars)][] | . as $p | select(($x | getpath($p)) == ($y | getpath($p))) | join(".")')"
while IFS=$'\t' read -r source target; do
  grep -qiF "$source" en.txt && ! grep -qiF "$target" de.txt && echo "missing: $source -> $target"
done < glossary.tsv || true
