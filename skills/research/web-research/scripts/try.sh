#!/usr/bin/env bash
# Needs: curl
# Prints: Limits for heat pumps
# Prints: Night: 35 dB & no more
# Prints: script text: 0
set -euo pipefail
cat > source.html <<'HTML'
<html><head><style>p { color: red }</style><script>
var hidden = "tracking";
</script></head><body><nav><a href="/">Home</a></nav>
<h1>Limits for heat pumps</h1><p>Night: 35&nbsp;dB &amp; no more</p></body></html>
HTML
address="file://$PWD/source.html"
curl -sSL --max-time 30 --max-filesize 5000000 -A 'Mozilla/5.0' -o page.html "$address"
bash ~/skill/scripts/page-text.sh page.html | tee page.txt
echo "script text: $(grep -cE 'tracking|color|Home' page.txt || true)"
