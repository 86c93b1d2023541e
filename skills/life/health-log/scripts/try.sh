#!/usr/bin/env bash
# Needs: awk date
# Prints: sleep_h: 3 values, mean 7.0, 6.5 to 7.5
# Prints: lines: 5
# Prints: in order
set -euo pipefail
   log() { [ -s health.csv ] || echo 'time,what,value,note' > health.csv; printf '%s,%s,%s,%s\n' "${when:-$(date +%FT%H:%M)}" "$1" "$2" "${3:-}" >> health.csv; }
when=2027-03-01T07:00 log sleep_h 7.5
when=2027-03-02T07:00 log sleep_h 7
   log systolic_mmHg 128 "morning, sitting"
   log sleep_h 6.5
   awk -F, -v what=sleep_h 'NR > 1 && $2 == what { n++; s += $3; if (n == 1 || $3 < lo) lo = $3; if (n == 1 || $3 > hi) hi = $3 }
     END { if (n) printf "%s: %d values, mean %.1f, %g to %g\n", what, n, s / n, lo, hi; else print "no values" }' health.csv
echo "lines: $(wc -l < health.csv)"
sed -n 2,3p health.csv | cut -d, -f1 | sort -c && echo "in order"
