#!/usr/bin/env bash
# Needs: python3 flock
# Prints: Mon 2027-03-29 08:30 CEST (06:30 UTC)
# Prints: Fri 2027-03-26 08:30 CET (07:30 UTC)
# Prints: either: 6
# Prints: never runs
# Prints: skipped: still running
set -euo pipefail
cp ~/skill/scripts/next_runs.py .
python3 next_runs.py '30 8 * * 1-5' --zone Europe/Berlin --count 5 --after 2027-03-25T12:00
echo "either: $(python3 next_runs.py '0 9 13 * 5' --after 2027-08-01T00:00 --count 6 | grep -cE 'Fri|-13 ')"
python3 next_runs.py '0 0 30 feb *' 2>&1 && exit 1 || true
python3 next_runs.py '0 25 * * *' && exit 1 || true
   flock -n /tmp/report.lock timeout 600 bash -c 'echo "$(date -Is) report" >> report.log' || echo "skipped: still running"
grep -q report report.log
exec 9> /tmp/report.lock && flock -n 9
   flock -n /tmp/report.lock timeout 600 bash -c 'echo "$(date -Is) report" >> report.log' || echo "skipped: still running"
