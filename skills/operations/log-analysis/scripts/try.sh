#!/usr/bin/env bash
# Needs: awk sed
# Prints: 2 2027-03-05T10:02
# Prints: 2 ERROR user N: timeout after N ms
# Prints: 2:2027-03-05T10:01:59
# Prints: p50 50
# Prints: p95 95
# Prints: p99 99
# Prints: 2 500
set -euo pipefail
{
  echo '2027-03-05T10:00:00 INFO start'
  echo '2027-03-05T10:01:59 ERROR user 7: timeout after 30 ms'
  echo '2027-03-05T10:02:01 ERROR user 12: timeout after 31 ms'
  echo '2027-03-05T10:02:40 FATAL out of memory'
  for n in $(seq 1 100); do echo "2027-03-05T10:03:00 INFO took $n ms"; done
} > app.log
   grep -E 'ERROR|FATAL|Exception' app.log | cut -c1-16 | sort | uniq -c | sort -k2 | tail -30
   grep -E 'ERROR|FATAL' app.log |
     sed -E 's/^[^ ]+ //; s/[0-9a-f]{8}-[0-9a-f-]{27}/ID/g; s/0x[0-9a-f]+/HEX/g; s/[0-9]+/N/g' |
     sort | uniq -c | sort -rn | head -20
grep -nE 'ERROR|FATAL' app.log | head -1
   grep -oE 'took [0-9]+ ms' app.log | awk '{ print $2 }' | sort -n |
     awk '{ v[NR] = $1 } END { if (NR) for (p = 50; p <= 99; p += (p == 50 ? 45 : 4)) { i = int(NR * p / 100 + 0.999999); print "p" p, v[i] } }'
line() { echo "1.2.3.4 - - [05/Mar/2027:10:00:00 +0000] \"GET $1 HTTP/1.1\" $2 12"; }
{ line /a 200; line '/b?x=1' 500; line '/b?x=2' 500; } > access.log
   awk '{ n[$9]++ } END { for (s in n) print n[s], s }' access.log | sort -rn
   awk '$9 >= 500 { print $7 }' access.log | sed 's/?.*//' | sort | uniq -c | sort -rn | head
