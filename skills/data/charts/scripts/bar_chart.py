"""Bars from lines of `label<TAB>number`, sorted, as SVG on standard output. No library needed."""
import sys
from xml.sax.saxutils import escape


def main() -> None:
    path, title = sys.argv[1], sys.argv[2]
    rows = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        label, _, value = line.rstrip("\n").partition("\t")
        if not label:
            continue
        try:
            rows.append((label, float(value)))
        except ValueError:
            sys.exit(f"line {number}: not a number: {value!r}")
    if not rows or min(value for _, value in rows) < 0:
        sys.exit("needs at least one row, and no negative numbers")
    rows.sort(key=lambda row: -row[1])
    most = rows[0][1] or 1
    left = 20 + 8 * max(len(label) for label, _ in rows)
    width, bar, top = left + 620, 26, 60
    height = top + len(rows) * (bar + 10) + 20
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="14">')
    print(f'<rect width="{width}" height="{height}" fill="white"/>')
    print(f'<text x="20" y="32" font-size="18">{escape(title)}</text>')
    for index, (label, value) in enumerate(rows):
        y = top + index * (bar + 10)
        length = 500 * value / most
        print(f'<text x="{left - 8}" y="{y + 18}" text-anchor="end">{escape(label)}</text>')
        print(f'<rect class="bar" x="{left}" y="{y}" width="{length:.1f}" height="{bar}" fill="#2b6cb0"/>')
        print(f'<text x="{left + length + 6:.1f}" y="{y + 18}">{value:g}</text>')
    print("</svg>")


main()
