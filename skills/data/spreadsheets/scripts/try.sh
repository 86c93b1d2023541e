#!/usr/bin/env bash
# Needs: python3 unzip
# Prints: Costs
# Prints: Old (hidden)
# Prints: item	price
# Prints: Tee & Kaffee		4.5
# Prints: 2023-03-15
set -euo pipefail
python3 - <<'PY'
import zipfile
ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
with zipfile.ZipFile("book.xlsx", "w") as book:
    book.writestr("xl/workbook.xml", f'<workbook {ns} xmlns:r="{r}"><sheets><sheet name="Costs" r:id="a"/><sheet name="Old" state="hidden" r:id="b"/></sheets></workbook>')
    book.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>')
    book.writestr("xl/sharedStrings.xml", f"<sst {ns}><si><t>item</t></si><si><r><t>pri</t></r><r><t>ce</t></r></si></sst>")
    book.writestr("xl/worksheets/sheet1.xml", f'<worksheet {ns}><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
                  '<row><c r="A2" t="inlineStr"><is><t>Tee &amp; Kaffee</t></is></c><c r="C2"><f>SUM(1)</f><v>4.5</v></c></row></sheetData></worksheet>')
PY
cp ~/skill/scripts/read_xlsx.py .
   python3 read_xlsx.py book.xlsx
python3 read_xlsx.py book.xlsx "Costs" | tee sheet.tsv
date -u -d '1899-12-30 +45000 days' +%F
unzip -tq book.xlsx
printf 'a,b\n' > result.csv
   { printf '\357\273\277'; cat result.csv; } > for-excel.csv
[ "$(head -c3 for-excel.csv | od -An -tx1 | tr -d ' \n')" = efbbbf ]
