#!/usr/bin/env bash
# Weeks and days of recall for units, and whether they fit: plan.sh UNITS.tsv HOURS_A_WEEK START END
# A unit is a line UNIT<TAB>HOURS. Every fourth week brings nothing new, and a fifth of the time is kept in reserve.
set -euo pipefail
units=$1 hours=$2 start=$3 end=$4
day() { date -u -d "$1" +%s; }
awk -F'\t' -v hours="$hours" -v from="$(day "$start")" -v to="$(day "$end")" '
  # The date of a day after the start: civil calendar from a number of days, without programs for each date.
  function date(days,   z, era, doe, yoe, doy, mp, d, m, y) {
    z = int(from / 86400) + days + 719468; era = int(z / 146097); doe = z - era * 146097
    yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
    doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
    d = doy - int((153 * mp + 2) / 5) + 1; m = mp < 10 ? mp + 3 : mp - 9; y = yoe + era * 400 + (m <= 2)
    return sprintf("%04d-%02d-%02d", y, m, d)
  }
  function isFree(week) { return week % 4 == 0 }
  NF != 2 || $2 + 0 <= 0 { print "line " NR ": not UNIT<TAB>HOURS"; bad = 1; next }
  { name[++units] = $1; need[units] = $2; sum += $2 }
  END {
    if (bad || !units) exit 1
    weeks = int((to - from) / 604800); usable = hours * 0.8
    for (w = 1; w <= weeks; w++) have += isFree(w) ? 0 : usable
    printf "%d weeks, of which %d without anything new: %.1f h for new things, %.1f h needed\n", weeks, int(weeks / 4), have, sum
    week = 1; left = usable
    for (u = 1; u <= units; u++) {
      if (left <= 0.001 || isFree(week)) { do { week++ } while (isFree(week)); left = usable }
      begun = week
      for (rest = need[u]; rest > left + 0.001; left = usable) { rest -= left; do { week++ } while (isFree(week)) }
      left -= rest; done = week * 7 - 1
      printf "%s  %-24s week %d%s, recall %s %s %s %s\n", date((begun - 1) * 7), name[u], begun, (week > begun ? " to " week : ""), date(done + 1), date(done + 4), date(done + 11), date(done + 30)
    }
    if (week > weeks) { printf "does not fit: %.1f h or %d weeks too much; make the aim smaller or the date later\n", (sum > have ? sum - have : 0), week - weeks; exit 1 }
    print "fits: the last unit ends in week " week " of " weeks
  }' "$units"
