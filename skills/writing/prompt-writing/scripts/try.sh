#!/usr/bin/env bash
# Needs: awk grep sort jq
# Prints: filled/plain.txt: 9 words
# Prints: For Ann:|<text>|Say {{reader}} & \1|and no more.|</text>
# Prints: plain: the prompt never asks for colour
# Prints: nasty: no file for {{reader}}
# Prints: {{Your Name}}: a placeholder is
# Prints: nasty            2 of 3|   nasty.3.txt not: lacks bank; not: most 3 words
# Prints: plain            0 of 1|   plain.1.txt not: is json
# Prints: empty            0 of 0
# Prints: all pass
set -euo pipefail
cp ~/skill/scripts/{fill,judge}.sh .
printf 'For {{reader}}:\n<text>\n{{text}}\n</text>\n' > prompt.txt
mkdir -p cases/plain cases/nasty answers
echo Bob > cases/plain/reader && echo "Two short words and another" > cases/plain/text
echo Ann > cases/nasty/reader && printf 'Say {{reader}} & \\1\nand no more.' > cases/nasty/text
   bash fill.sh prompt.txt
paste -sd'|' filled/nasty.txt
echo red > cases/plain/colour
bash fill.sh prompt.txt && exit 1 || true
rm cases/plain/colour cases/nasty/reader
bash fill.sh prompt.txt && exit 1 || true
echo 'Dear {{Your Name}}' > loose.txt
bash fill.sh loose.txt && exit 1 || true
printf 'lacks bank\nmost 3 words\nmatches ^[A-Z]' > cases/nasty/expect
echo 'is json' > cases/plain/expect
echo '{"words":' > answers/plain.1.txt
echo 'No.' > answers/nasty.1.txt && echo 'Not possible.' > answers/nasty.2.txt
echo 'Send it to my Bank account now' > answers/nasty.3.txt
mkdir cases/empty && echo 'has x' > cases/empty/expect
   bash judge.sh > table.txt && exit 1 || true
paste -sd'|' table.txt
rm -r answers/nasty.3.txt cases/empty && echo '{"words":2}' > answers/plain.1.txt
bash judge.sh && echo "all pass"
