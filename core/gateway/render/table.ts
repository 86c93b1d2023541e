type Row = readonly string[];

/** A table in columns of equal width, for dialects with a monospaced block. */
export function tableInColumns(header: Row, rows: readonly Row[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ""))));
  const line = (row: Row) =>
    widths
      .map((columnWidth, column) => padded(row[column] ?? "", columnWidth))
      .join("  ")
      .trimEnd();
  const dashes = widths.map((columnWidth) => "─".repeat(columnWidth)).join("  ");
  return [line(header), dashes, ...rows.map((row) => line(withOverflow(row, header.length)))].join("\n");
}

/** A table as one line per row ("• Name: Ada, Born: 1815"), for dialects without any. */
export function tableInLines(header: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return header.join(", ");
  return rows.map((row) => `• ${row.map((cell, column) => labelled(header[column], cell)).join(", ")}`).join("\n");
}

const labelled = (label: string | undefined, cell: string) => (label ? `${label}: ${cell}` : cell);

/** Cells beyond the header's last column join that column: their text must not be lost. */
const withOverflow = (row: Row, columns: number): Row =>
  row.length <= columns ? row : [...row.slice(0, columns - 1), row.slice(columns - 1).join(" ")];

const width = (text: string): number => Array.from(text).length;

const padded = (text: string, columnWidth: number): string => text + " ".repeat(Math.max(0, columnWidth - width(text)));
