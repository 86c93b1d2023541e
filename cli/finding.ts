/** One line of a check: what was found, and what to do about it unless it is well. */
export type Finding =
  | { level: "ok"; text: string }
  /** A problem is in the way: the command that meets one ends with exit code 1. A warning is not. */
  | { level: "warning" | "problem"; text: string; cure: string };

export const ok = (text: string): Finding => ({ level: "ok", text });
export const warning = (text: string, cure: string): Finding => ({ level: "warning", text, cure });
export const problem = (text: string, cure: string): Finding => ({ level: "problem", text, cure });

const signs = { ok: "✓", warning: "!", problem: "✗" } as const;

/** A finding as one line. */
export const lineOf = (finding: Finding): string =>
  `  ${signs[finding.level]} ${finding.text}${finding.level === "ok" ? "" : ` → ${finding.cure}`}`;

export const hasProblem = (findings: readonly Finding[]): boolean => findings.some(({ level }) => level === "problem");
