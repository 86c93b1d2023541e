#!/usr/bin/env bash
# Times of an SRT or VTT file, multiplied by FACTOR and then shifted by SECONDS: retime.sh FILE SECONDS [FACTOR]
set -euo pipefail
awk -v shift="$2" -v factor="${3:-1}" '
  function seconds(text,   parts, n) {
    sub(",", ".", text)
    n = split(text, parts, ":")
    return n == 3 ? parts[1] * 3600 + parts[2] * 60 + parts[3] : parts[1] * 60 + parts[2]
  }
  function stamp(value, mark,   ms, text) {
    if (value < 0) value = 0
    ms = int(value * 1000 + 0.5)
    text = sprintf("%02d:%02d:%02d.%03d", int(ms / 3600000), int(ms / 60000) % 60, int(ms / 1000) % 60, ms % 1000)
    if (mark == ",") sub(/\./, ",", text)
    return text
  }
  / --> / {
    mark = index($1, ",") ? "," : "."
    rest = $0
    sub(/^[^ ]+ --> [^ ]+/, "", rest)
    print stamp(seconds($1) * factor + shift, mark) " --> " stamp(seconds($3) * factor + shift, mark) rest
    next
  }
  { print }
' "$1"
