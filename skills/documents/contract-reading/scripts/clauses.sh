#!/usr/bin/env bash
# Where a contract speaks of what one has to know, by line, and what it does not speak of: clauses.sh CONTRACT.txt
# English and German; for another language add its words to the patterns.
set -euo pipefail
[ -s "$1" ] || { echo "no text in $1"; exit 1; }
none=()
while IFS=$'\t' read -r topic pattern; do
  found=$(grep -niE -- "$pattern" "$1" | cut -c1-150 || true)
  [ -n "$found" ] && printf '== %s\n%s\n' "$topic" "$found" || none+=("$topic")
done <<'TOPICS'
money	price|fee|rent\b|salary|remuneration|payable|invoice|deposit|interest|€|\$|EUR|USD|miete|entgelt|verg.+tung|rechnung|kaution|zahl(bar|ung)
increases	increase|adjust|index|erh.+hung|anpass
term	term\b|duration|commence|expire|fixed period|laufzeit|dauer|beginnt|befristet
renewal by itself	renew|extend(ed|s)? (by|for|auto)|prolong|verl.+nger
notice and end	notice|terminat|cancel|resign|withdraw|k.+ndig|widerruf|r.+cktritt
liability	liab|indemnif|damages|haft|schadens?ersatz
penalties	penalt|liquidated|late (fee|charge)|vertragsstrafe|verzug
warranty	warrant|guarantee|defect|gew.+hr|garantie|mangel|m.+ngel
insurance	insur|versicher
forbidden	shall not|must not|may not|not permitted|prohibit|exclusiv|compet|sublet|untersag|verboten|darf nicht|untervermiet|wettbewerb
data and secrets	confidential|personal data|privacy|disclos|vertraulich|daten|verschwiegen
rights to results	intellectual property|copyright|licen[cs]e|invention|urheber|nutzungsrecht
changes of terms	amend|modif|change(s|d)? (to|of|in) (these|the|this)|discretion|.+nderung(en)? (dieser|der|des|bed)|schriftform
disputes	governing law|jurisdiction|arbitrat|court|gerichtsstand|recht der|schieds
TOPICS
echo "== sums, shares and dates: each belongs into the table"
grep -noE '[0-9][0-9.,]* ?(%|€|EUR|USD|GBP|CHF|\$)|(€|EUR|USD|GBP|CHF|\$) ?[0-9][0-9.,]*|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]+ (working |calendar )?(days?|weeks?|months?|years?|Tage?n?|Wochen?|Monate?n?|Jahre?n?)\b' "$1" || echo "none"
echo "== refers to"
grep -noiE '(clauses?|sections?|articles?|annex|schedule|appendix|anlage|ziffer|§) ?[0-9A-Z]+(\.[0-9]+)*' "$1" || echo "nothing"
[ "${#none[@]}" = 0 ] || { echo "== found no words on"; printf '%s\n' "${none[@]}"; }
