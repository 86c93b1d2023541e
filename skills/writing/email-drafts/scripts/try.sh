#!/usr/bin/env bash
# Needs: base64 date
# Prints: body intact
# Prints: no gaps
# Prints: Friday
# Prints: Rückfrage zur Rechnung
set -euo pipefail
subject="Rückfrage zur Rechnung"
printf 'Guten Tag,\n\nbitte senden Sie die Rechnung 1182 bis Freitag.\n' > body.txt
   {
     printf 'To: %s\n' "office@example.org"
     printf 'Subject: =?UTF-8?B?%s?=\n' "$(printf '%s' "$subject" | base64 -w0)"
     printf 'X-Unsent: 1\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n'
     printf 'Content-Transfer-Encoding: base64\n\n'
     base64 -w76 body.txt
   } > draft.eml
sed '1,/^$/d' draft.eml | base64 -d | diff - body.txt && echo "body intact"
grep -n '\[' body.txt || echo "no gaps"
date -d 2027-03-05 +%A
sed -n 's/^Subject: =?UTF-8?B?\(.*\)?=$/\1/p' draft.eml | base64 -d
