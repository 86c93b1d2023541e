#!/usr/bin/env bash
# Fills a prompt for each case: fill.sh PROMPT.txt. A case is a folder cases/NAME with a file for each {{placeholder}}; the
# prompt comes out as filled/NAME.txt. Values are put in once: a {{word}} inside of one stays as it is.
set -euo pipefail
prompt=$1 bad=0
ls cases/*/ > /dev/null
mkdir -p filled
marks=$(grep -oE '\{\{[^{}]*\}\}' "$prompt" | sort -u | sed 's/^{{//; s/}}$//' || true)
while IFS= read -r mark; do
  [[ $mark =~ ^([a-z][a-z0-9_]*)?$ ]] || { echo "{{$mark}}: a placeholder is small letters, digits and _"; exit 1; }
done <<< "$marks"
for case in cases/*/; do
  name=$(basename "$case")
  for mark in $marks; do [ -f "$case$mark" ] || { echo "$name: no file for {{$mark}}"; bad=1; }; done
  for file in "$case"*; do
    word=$(basename "$file")
    [ "$word" = expect ] || grep -qxF -- "$word" <<< "$marks" || { echo "$name: the prompt never asks for $word"; bad=1; }
  done
  awk -v folder="$case" '
    function value(word,   text, line, lines) { while ((getline line < (folder word)) > 0) text = text (lines++ ? "\n" : "") line; close(folder word); return text }
    { rest = $0; out = ""
      while (match(rest, /\{\{[a-z][a-z0-9_]*\}\}/)) { out = out substr(rest, 1, RSTART - 1) value(substr(rest, RSTART + 2, RLENGTH - 4)); rest = substr(rest, RSTART + RLENGTH) }
      print out rest }' "$prompt" > "filled/$name.txt"
  echo "filled/$name.txt: $(wc -w < "filled/$name.txt") words"
done
exit "$bad"
