#!/usr/bin/env bash
# Needs: date
# Prints: -11	2027-02-22	dryer filter
# Prints: 326	2028-01-25	boiler
set -euo pipefail
printf 'boiler\t2027-01-25\t365\tcall Ada\ndryer filter\t2027-01-23\t30\tfluff\n' > jobs.tsv
today=2027-03-05
   while IFS=$'\t' read -r job last every note; do
     due=$(date -u -d "@$(($(date -u -d "$last" +%s) + every * 86400))" +%F)
     left=$((($(date -u -d "$due" +%s) - $(date -u -d "${today:-$(date +%F)}" +%s)) / 86400))
     printf '%6d\t%s\t%s\t%s\n' "$left" "$due" "$job" "$note"
   done < jobs.tsv | sort -n
