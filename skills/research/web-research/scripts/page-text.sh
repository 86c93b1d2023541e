#!/usr/bin/env bash
# The readable text of an HTML file: scripts, styles and tags removed, common entities decoded, blank lines squeezed.
set -euo pipefail
tr '\n' ' ' < "$1" |
  sed -E 's/<!--[^>]*-->/ /g; s/<(script|style|noscript|svg|nav|footer)[ >]/\x01&/g; s/<\/(script|style|noscript|svg|nav|footer)>/&\x02/g' |
  sed -E 's/\x01[^\x02]*\x02/ /g; s/<(p|div|li|tr|h[1-6]|br|section|article)[^>]*>/\n/gI; s/<[^>]+>/ /g' |
  sed -E "s/&nbsp;/ /g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&#39;|&apos;/'/g; s/&amp;/\&/g" |
  sed -E 's/[[:space:]]+/ /g; s/^ //; s/ $//' |
  awk 'NF'
