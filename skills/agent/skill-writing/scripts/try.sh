#!/usr/bin/env bash
# Needs: awk
# Prints: commands parse
# Prints: description has 70 characters
# Prints: does not say how to verify
# Prints: bad name: My
set -euo pipefail
check() {
awk 'NR == 1 && $0 != "---" { print "no front matter" } /^---$/ { marks++; next } marks == 1 && /^name: / { name = $2 }
  marks == 1 && /^description: / { d = substr($0, 14); if (length(d) > 60) print "description has " length(d) " characters" }
  marks >= 2 && /^## / { heads = heads $0 } END { if (name !~ /^[a-z0-9][a-z0-9._-]*$/) print "bad name: " name
  if (d == "") print "no description"; if (heads !~ /Verify/) print "does not say how to verify"; print NR " lines" }' SKILL.md
awk '/^ *```bash$/ { on = 1; next } /^ *```/ { on = 0 } on' SKILL.md | bash -n && echo "commands parse"
}
cp ~/skill/SKILL.md . && check | tee good.txt
[ "$(wc -l < good.txt)" = 2 ]
printf -- '---\nname: My Skill\ndescription: %s\n---\n# X\n' "$(printf 'x%.0s' $(seq 70))" > SKILL.md
check
