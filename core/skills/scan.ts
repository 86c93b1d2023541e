import { hiddenAt } from "../guard/threats/characters.ts";
import { textOfFile } from "./format.ts";
import { type ScanRule, scanRules } from "./scan-rules.ts";
import type { SkillFile } from "./skill.ts";

export type Verdict = "safe" | "caution" | "dangerous";

export interface Finding {
  family: ScanRule["family"];
  isDangerous: boolean;
  /** Completes "looks like …". */
  what: string;
  path: string;
  /** From 1; 0 stands for the file as a whole. */
  line: number;
}

export interface Scan {
  verdict: Verdict;
  findings: Finding[];
}

const maxFindings = 20;
/** Programs and archives, by their first bytes: what is in them cannot be read here. */
const programStarts = [
  "\x7fELF",
  "MZ",
  "\xca\xfe\xba\xbe",
  "\xce\xfa\xed\xfe",
  "\xcf\xfa\xed\xfe",
  "PK\x03\x04",
  "\x1f\x8b",
  "7z\xbc\xaf",
  "Rar!",
  "\0asm",
];
const isProgram = (start: string): boolean => programStarts.some((known) => start.startsWith(known));
/** Documents and pictures are zip files or bytes by nature. */
const plainBinary = /\.(?:png|jpe?g|gif|webp|svg|ico|pdf|docx|xlsx|pptx|odt|ods|ttf|otf|woff2?|mp3|wav|mp4)$/i;

/** What is suspicious in these files: the most serious findings first. */
export function scanSkill(files: readonly SkillFile[]): Scan {
  const found = files.flatMap(scanFile);
  const findings = found.sort((a, b) => Number(b.isDangerous) - Number(a.isDangerous)).slice(0, maxFindings);
  if (findings.length === 0) return { verdict: "safe", findings };
  return { verdict: findings[0]?.isDangerous ? "dangerous" : "caution", findings };
}

function scanFile({ path, content }: SkillFile): Finding[] {
  const about = { path, line: 0, isDangerous: false };
  const text = textOfFile(content);
  if (text === undefined || text.includes("\0")) {
    const start =
      typeof content === "string" ? content.slice(0, 8) : Buffer.from(content.subarray(0, 8)).toString("latin1");
    if (plainBinary.test(path)) return [];
    return [{ ...about, family: "obfuscation", what: "bytes that nobody can read", isDangerous: isProgram(start) }];
  }
  const normal = text.replace(/^\uFEFF/, "").normalize("NFKC");
  const findings = scanRules.flatMap((rule) => applyRule(rule, path, normal));
  // A byte order mark shows nowhere, and says nothing.
  const hidden = hiddenAt(text.replaceAll("\uFEFF", " "));
  if (hidden >= 0)
    findings.push({
      ...about,
      family: "obfuscation",
      what: "text with invisible characters",
      line: lineAt(text, hidden),
      isDangerous: true,
    });
  return findings;
}

function applyRule({ family, isDangerous, what, pattern }: ScanRule, path: string, text: string): Finding[] {
  const match = pattern.exec(text);
  return match ? [{ family, isDangerous, what, path, line: lineAt(text, match.index + match[0].search(/\S|$/)) }] : [];
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split("\n").length;

/** For example "SKILL.md:12 looks like a hidden program (obfuscation)". */
export const sayFinding = ({ path, line, what, family }: Finding): string =>
  `${path}${line > 0 ? `:${line}` : ""} looks like ${what} (${family})`;
