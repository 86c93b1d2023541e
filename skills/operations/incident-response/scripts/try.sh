#!/usr/bin/env bash
# Needs: awk date sed
# Prints: line 28: no source
# Prints: no time: Began
# Prints: began to noticed           0 h 12 min
# Prints: noticed to damage stopped  0 h 23 min
# Prints: damage stopped to ended    1 h 30 min
# Prints: in all                     2 h 05 min
# Prints: longest without an update  1 h 15 min, promised was every 30 min
# Prints: complete
# Prints: line 32: earlier than the line before
# Prints: line 33: no time (YYYY-MM-DD HH:MM)
# Prints: line 23: an action needs what it does, an owner and a date
# Prints: Ended is before Damage stopped
# Prints: leap day: in all                     24 h 00 min
set -euo pipefail
cp ~/skill/scripts/timeline.sh . && cp ~/skill/templates/incident.md .
   note() { printf '| %s | %s | %s |\n' "${when:-$(date -u '+%F %H:%M')}" "$1" "$2" >> incident.md; }
note "errors on the page of payments" ""
bash timeline.sh incident.md && exit 1 || true
sed -i '$d' incident.md
set_line() { sed -i "s|^- $1.*|- $1 (UTC): $2|" incident.md; }
set_line Grade 1
set_line Began '2027-03-05 23:48'
set_line Noticed '2027-03-06 00:00, by the alarm'
set_line 'Damage stopped' '2027-03-06 00:23'
set_line Ended '2027-03-06 01:53'
sed -i 's/^- Grade.*/- Grade: 1/; /^| what/,/^$/s/^$/| alarm on refused payments | shows | Ann | 2027-03-20 |\n/' incident.md
when='2027-03-06 00:00' note "alarm: payments refused" "alarm 17"
when='2027-03-06 00:23' note "release rolled back" "deploy log"
when='2027-03-06 00:38' note "update: payments work again, we watch" "status page"
   bash timeline.sh incident.md && echo "complete"
when='2027-03-06 00:30' note "a late line" "chat"
when='half past one' note "another" "chat"
set_line Ended '2027-03-06 00:10'
sed -i 's/| Ann | 2027-03-20 |/|  | soon |/' incident.md
bash timeline.sh incident.md && exit 1 || true
printf -- '- Began: 2028-02-28 12:00\n- Noticed: 2028-02-28 12:00\n- Damage stopped: 2028-02-29 12:00\n- Ended: 2028-02-29 12:00\n' > leap.md
echo "leap day: $(bash timeline.sh leap.md | tail -1)"
