#!/usr/bin/env bash
# Needs: python3 awk
# Prints: %PDF-1.4
# Prints: Notice (period): 3 months
# Prints: Total 14.50
# Prints: page 2
# Prints: no text found
set -euo pipefail
python3 - <<'PY'
import zlib
page = zlib.compress(b"BT /F1 12 Tf 72 700 Td (Notice \\(period\\): 3 months) Tj 0 -14 Td [(To) 20 (tal) -300 (14.50)] TJ ET")
head = b"%PDF-1.4\n1 0 obj << /Type /Font >> endobj\n2 0 obj << /Length " + str(len(page)).encode()
open("report.pdf", "wb").write(head + b" /Filter /FlateDecode >>\nstream\n" + page + b"\nendstream endobj\n%%EOF\n")
open("scan.pdf", "wb").write(b"%PDF-1.4\n<< /Subtype /Image >>\nstream\nxx\nendstream\n")
PY
   head -c 8 report.pdf; echo; grep -ac '/Font' report.pdf || true; grep -ac '/Subtype */Image' report.pdf || true; grep -ac '/Encrypt' report.pdf || true
cp ~/skill/scripts/pdf_text.py .
   python3 pdf_text.py report.pdf > report.txt; wc -w report.txt
cat report.txt
python3 pdf_text.py scan.pdf 2>&1 && exit 1 || true
printf 'one\ftwo notice period\f' > report.txt
   awk 'BEGIN { RS = "\f" } /notice period/ { print "page " NR }' report.txt
