#!/usr/bin/env bash
# Needs: awk date
# Prints: empty folder, next: 0001
# Prints: 0001  2026-01-05  replaced by 3       Files
# Prints: 0003  2026-03-05  decided             A database
# Prints: look back now: it was set for 2027-01-01
# Prints: next: 0007
# Prints: 0002-x.md: has no status
# Prints: 0003-x.md: replaces 2, whose status does not say so
# Prints: 0004-x.md: its title says 5
# Prints: 0004-x.md: is replaced by 9, which is not there
# Prints: 0005 is missing
# Prints: 0006-x.md: has no date
# Prints: in order
# Prints:    14  A|   16  B|   19  as it is|first: as it is|hangs on "way out": without it B is first
# Prints: but a difference under a tenth is a tie
# Prints: line 3: mark 7 for A is not 1 to 5
# Prints: line 3: 1 marks for 2 options
set -euo pipefail
cp ~/skill/scripts/*.sh .
mkdir -p docs/adr && echo "empty folder, $(bash records.sh docs/adr)"
record() { { echo "# $2"; echo; printf -- '%s\n' "${@:3}"; } > "docs/adr/$1-x.md"; }
record 0001 '1. Files' '- Status: replaced by 3' '- Date: 2026-01-05'
record 0003 '3. A database' 'Date: 2026-03-05. Status: decided.' '- Replaces: 1' '## Look back on' '2027-01-01: slow queries'
mv docs/adr/0003-x.md docs/adr/0002-x.md
bash records.sh docs/adr 2027-02-01 && exit 1 || true
sed -i 's/# 3/# 2/' docs/adr/0002-x.md && sed -i 's/by 3/by 2/' docs/adr/0001-x.md
bash records.sh docs/adr 2027-02-01 && echo "in order"
sed -i 's/by 2/by 3/' docs/adr/0001-x.md
record 0002 '2. Nothing chosen' '- Status: proposed | decided | replaced by NUMBER' '- Date: 2026-02-05'
record 0003 '3. A database' 'Date: 2026-03-05. Status: decided.' '- Replaces: 1' 'It supersedes 2 as well.' '## Look back on' '2027-01-01: slow queries'
record 0004 '5. Cloud' '- Date: 2026-04-05' '## Status' '' 'superseded by 9'
record 0006 '6. Undated' '- Status: decided'
bash records.sh docs/adr 2027-02-01 && exit 1 || true
sed -n '/^| criterion/,/^$/p' ~/skill/SKILL.md > table.md
   bash weigh.sh table.md
bash weigh.sh table.md | paste -sd'|' -
printf '|criterion|weight|A|B|\n|---|---|---|---|\n|cost|1|4|5|\n|time|3|5|5|\n' > tie.md
bash weigh.sh tie.md
sed 's/|4|5|/|7|5|/' tie.md > odd.md && bash weigh.sh odd.md && exit 1 || true
sed 's/|4|5|/|4|/' tie.md > odd.md && bash weigh.sh odd.md && exit 1 || true
