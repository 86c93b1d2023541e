#!/usr/bin/env bash
# Needs: date awk
# Prints: in the air: 11 h 50 min
# Prints: at home it is then Fri 10:05
# Prints: 504 km
# Prints: Thursday
set -euo pipefail
   leave=$(date -d 'TZ="Europe/Berlin" 2027-07-01 22:15' +%s)
   land=$(date -d 'TZ="Asia/Tokyo" 2027-07-02 17:05' +%s)
   printf 'in the air: %d h %02d min\n' $(((land - leave) / 3600)) $(((land - leave) % 3600 / 60))
   TZ=Europe/Berlin date -d "@$land" '+at home it is then %a %H:%M'
   awk -v a=52.52 -v b=13.40 -v c=48.14 -v d=11.58 'BEGIN { r = 3.14159265 / 180
     x = (d - b) * r * cos((a + c) * r / 2); y = (c - a) * r; printf "%.0f km\n", sqrt(x * x + y * y) * 6371 }'
date -d 2027-07-01 +%A
