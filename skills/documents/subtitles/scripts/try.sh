#!/usr/bin/env bash
# Needs: awk sed
# Prints: 00:00:00,000 --> 00:00:01,500
# Prints: 01:00:58,250 --> 01:01:00,750
# Prints: 00:00:02,002 --> 00:00:08,008
# Prints: 00:00:01.000 --> 00:00:04.000
# Prints: line 6: overlaps
set -euo pipefail
printf '1\n00:00:01,000 --> 00:00:04,000\n<i>Hello</i>\n\n2\n00:00:03,500 --> 00:00:06,000\nThere\n\n3\n01:01:00,750 --> 01:01:03,250\nEnd\n' > film.srt
cp ~/skill/scripts/retime.sh .
   bash retime.sh film.srt -2.5 > shifted.srt
cat shifted.srt
bash retime.sh film.srt 0 2.002 | sed -n 2p
   { echo WEBVTT; echo; sed -E '/-->/s/,/./g' film.srt; } > film.vtt
grep -m1 -- '-->' film.vtt
   awk '/-->/ { on = 1; next } /^$/ { on = 0 } on' film.srt | sed 's/<[^>]*>//g' > film.txt
[ "$(paste -sd' ' film.txt)" = "Hello There End" ]
awk -F' --> ' '
  function s(t, p) { gsub(",", ".", t); split(t, p, ":"); return p[1] * 3600 + p[2] * 60 + p[3] }
  / --> / { a = s($1); b = s($2); if (a < last) print "line " NR ": overlaps"; if (b <= a) print "line " NR ": ends before it begins"; last = b; next }
  length($0) > 42 && !/^[0-9]+$/ { print "line " NR ": " length($0) " characters" }
' film.srt
