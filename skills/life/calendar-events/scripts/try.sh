#!/usr/bin/env bash
# Needs: date sha256sum
# Prints: 20270305T133000Z
# Prints: SUMMARY:Dentist\, Dr. Li\; bring card
# Prints: blocks 3 3
# Prints: lines without CR: 0
# Prints: Friday 05 March 2027
set -euo pipefail
[ -e /usr/share/zoneinfo/Europe/Berlin ] || { echo "no time zones here"; exit 1; }
title='Dentist, Dr. Li; bring card' begin='2027-03-05 14:30' end='2027-03-05 15:00' zone=Europe/Berlin place='Main St 4'
   utc() { date -u -d "TZ=\"$2\" $1" +%Y%m%dT%H%M%SZ; }
   utc '2027-03-05 14:30' Europe/Berlin
   ics_text() { sed -e 's/\\/\\\\/g' -e 's/;/\\;/g' -e 's/,/\\,/g' | awk '{ printf "%s%s", sep, $0; sep = "\\n" }'; }
   {
     printf '%s\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//talaria//skill//EN BEGIN:VEVENT
     echo "UID:$(printf '%s' "$title$begin" | sha256sum | cut -c1-24)@talaria.local"
     echo "DTSTAMP:$(date -u +%Y%m%dT%H%M%SZ)"
     echo "DTSTART:$(utc "$begin" "$zone")"
     echo "DTEND:$(utc "$end" "$zone")"
     echo "SUMMARY:$(printf '%s' "$title" | ics_text)"
     echo "LOCATION:$(printf '%s' "$place" | ics_text)"
     printf '%s\n' BEGIN:VALARM ACTION:DISPLAY DESCRIPTION:Reminder TRIGGER:-PT30M END:VALARM END:VEVENT END:VCALENDAR
   } | sed 's/$/\r/' > event.ics
cat event.ics
echo "blocks $(grep -c ^BEGIN event.ics) $(grep -c ^END event.ics)"
echo "lines without CR: $(grep -vc $'\r$' event.ics || true)"
date -d 2027-03-05 '+%A %d %B %Y'
