/** A figure of a benchmark, as text with its unit. */
export interface Row {
  what: string;
  measured: string;
  /** What the project set itself; empty where it set nothing. */
  reach?: string;
}

const headings: Row = { what: "what", measured: "measured", reach: "to reach" };

/** Rows as aligned lines under a title. */
export function formatTable(title: string, rows: readonly Row[]): string {
  const all = [headings, ...rows];
  const whatWidth = Math.max(...all.map(({ what }) => what.length));
  const measuredWidth = Math.max(...all.map(({ measured }) => measured.length));
  const lines = all.map(({ what, measured, reach = "" }) =>
    `  ${what.padEnd(whatWidth)}  ${measured.padStart(measuredWidth)}  ${reach}`.trimEnd(),
  );
  return ["", title, ...lines].join("\n");
}

export const inMs = (ms: number): string => `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;

export const inBytes = (bytes: number): string => `${bytes.toFixed(0)} B`;

export const inKb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`;

export const inMb = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`;
