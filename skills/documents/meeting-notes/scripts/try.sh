#!/usr/bin/env bash
# Needs: awk sort
# Prints: Ann|  2027-03-12  three offers for the printer|  2027-04-01  tell the tax office
# Prints: line 7: nobody has it; no date
# Prints: line 8: several people: one has to answer for it; 2027-02-29 is no day
# Prints: line 9: Cem was not there: who tells them?; what can one see when it is done?
# Prints: line 10: 2027-02-26 is before the meeting
# Prints: tasks: 6, to mend: 4
# Prints: tasks: 1, to mend: 0
# Prints: no task in empty.md
# Prints: Friday 2027-03-12
set -euo pipefail
cp ~/skill/scripts/tasks.sh .
cat > notes.md <<'NOTES'
# Printer, 2027-03-05

Present: Ann, Bob | Missing: Cem | Source: transcript

## To do
- [ ] Ann: three offers for the printer, until 2027-03-12
- [ ] nobody yet: order paper
- [ ] Ann and Bob: clean the cellar, until 2027-02-29
- [ ] Cem: look into leasing, until 2027-03-19
- [ ] Bob: send the minutes, by 2027-02-26
- [x] Ann: tell the tax office, until 2027-04-01
NOTES
bash tasks.sh notes.md && exit 1 || true
bash tasks.sh notes.md | paste -sd'|' - || true
sed -n '1,6p' notes.md > good.md
bash tasks.sh good.md
sed -n '1,5p' notes.md > empty.md
bash tasks.sh empty.md && exit 1 || true
date -d '2027-03-05 + 7 days' '+%A %F'
