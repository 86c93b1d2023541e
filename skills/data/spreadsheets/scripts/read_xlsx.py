"""Names of the sheets of an .xlsx file, or one sheet as TSV. Only Python's standard library.

Usage: read_xlsx.py BOOK [SHEET]. Dates come as day numbers, formulas as their last computed values.
"""
import re
import sys
import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
LARGEST = 200_000_000


def parse(book, path):
    if book.getinfo(path).file_size > LARGEST:
        sys.exit(f"{path} is too large to read here")
    return ElementTree.fromstring(book.read(path))


def texts(element):
    return "".join(part.text or "" for part in element.iter(MAIN + "t"))


def column(reference):
    number = 0
    for letter in re.match(r"[A-Z]+", reference).group():
        number = number * 26 + ord(letter) - 64
    return number - 1


def value(cell, shared):
    if cell.get("t") == "inlineStr":
        return texts(cell)
    found = cell.find(MAIN + "v")
    raw = "" if found is None else found.text or ""
    if cell.get("t") == "s":
        return shared[int(raw)]
    return {"1": "TRUE", "0": "FALSE"}.get(raw, raw) if cell.get("t") == "b" else raw


def main():
    book = zipfile.ZipFile(sys.argv[1])
    relations = parse(book, "xl/_rels/workbook.xml.rels")
    targets = {relation.get("Id"): relation.get("Target") for relation in relations}
    sheets = {sheet.get("name"): sheet for sheet in parse(book, "xl/workbook.xml").iter(MAIN + "sheet")}
    if len(sys.argv) < 3:
        for name, sheet in sheets.items():
            print(name, f"({sheet.get('state')})" if sheet.get("state") else "")
        return
    if sys.argv[2] not in sheets:
        sys.exit(f"no sheet {sys.argv[2]!r}; there are: {', '.join(sheets)}")
    target = targets[sheets[sys.argv[2]].get(RELATION)]
    path = target.lstrip("/") if target.startswith("/") else "xl/" + target
    has_shared = "xl/sharedStrings.xml" in book.namelist()
    shared = [texts(item) for item in parse(book, "xl/sharedStrings.xml")] if has_shared else []
    for row in parse(book, path).iter(MAIN + "row"):
        cells = []
        for cell in row.iter(MAIN + "c"):
            at = column(cell.get("r")) if cell.get("r") else len(cells)
            cells += [""] * (at - len(cells))
            cells.append(re.sub(r"[\t\r\n]+", " ", value(cell, shared)))
        print("\t".join(cells))


main()
