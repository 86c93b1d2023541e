#!/usr/bin/env bash
# Which verdicts the sources carry: verdicts.sh CLAIMS.tsv SOURCES.tsv. Exit code 1 when one is refused.
# Claims: NUMBER<TAB>VERDICT<TAB>CLAIM. Sources: NUMBER<TAB>for|against<TAB>primary|secondary<TAB>DATE<TAB>PLACE<TAB>WORDS,
# where DATE is when it was published (YYYY, YYYY-MM or YYYY-MM-DD) and PLACE an address or a file with its text.
set -euo pipefail
plain() { tr -s '[:space:]' ' '; }
lost=$(while IFS= read -r line; do
  place=$(cut -f5 <<< "$line") words=$(cut -f6 <<< "$line" | plain | sed 's/ $//')
  [ ! -f "$place" ] || grep -qF -- "$words" <(plain < "$place") || cut -f1,5 <<< "$line"
done < "$2")
lost=$lost awk -F'\t' '
  function refuse(why) { reasons = reasons between why; between = "; " }
  function wrong(what) { print "source in line " FNR ": " what; bad = 1 }
  # Pages of one site are one place.
  function site(place) { if (sub(/^https?:\/\/(www\.)?/, "", place)) sub(/\/.*/, "", place); return place }
  FILENAME == ARGV[1] {
    if (NF != 6 || $2 !~ /^(for|against)$/ || $3 !~ /^(primary|secondary)$/ || $6 == "") wrong("not NUMBER, for or against, primary or secondary, DATE, PLACE, WORDS")
    else if ($4 !~ /^[12][0-9][0-9][0-9](-[01][0-9](-[0-3][0-9])?)?$/) wrong("no date of publication")
    else {
      place = site($5)
      if (!(($1, place) in seen)) places[$1]++
      seen[$1, place] = 1; count[$1, $2]++; count[$1, $2, $3]++
    }
    next
  }
  {
    reasons = between = ""
    if ($2 !~ /^(true|mostly true|misleading|false|open)$/) refuse("no such verdict")
    else if ($2 != "open") {
      if (places[$1] < 2) refuse(places[$1] + 0 " of two independent sources")
      if ($2 == "true" && !count[$1, "for", "primary"]) refuse("no primary source for it")
      if ($2 == "true" && count[$1, "against"]) refuse("a source speaks against it")
      if ($2 == "false" && !count[$1, "against", "primary"]) refuse("no primary source against it")
    }
    n = split(ENVIRON["lost"], pairs, "\n")
    for (i = 1; i <= n; i++) { split(pairs[i], pair, "\t"); if (pair[1] == $1) refuse("the words are not in " pair[2]) }
    printf "%s  %-11s  %s\n", $1, $2, $3
    if (reasons != "") { print "   REFUSED: " reasons; bad = 1 }
  }
  END { exit bad }' "$2" "$1"
