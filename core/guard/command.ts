import { dangerous } from "./rules/dangerous.ts";
import { hardline, isForkBomb } from "./rules/hardline.ts";
import { outward } from "./rules/outward.ts";
import type { Rule } from "./rules/rule.ts";
import { sudo } from "./rules/sudo.ts";
import { unknown } from "./rules/unknown.ts";
import { longestCommand, readCommand } from "./shell/read-command.ts";
import { type SimpleCommand, textOf } from "./shell/simple-command.ts";

export interface Finding {
  /** The id of the rule, which is what "always" allows. */
  rule: string;
  family: "hardline" | "sudo" | "denied" | "dangerous" | "outward";
  /** For the person, in sentences. */
  reason: string;
}

export interface Judgement {
  verdict: "allow" | "ask" | "refuse";
  findings: Finding[];
}

export interface GuardOptions {
  /** `off`: nobody is asked. `smart` is judged as `manual`: the caller asks a model before the person. */
  mode: "smart" | "manual" | "off";
  /** Nothing of the owner's machine can be reached: only what others would notice is asked about. */
  isIsolated: boolean;
  /** Whether effects that others notice are asked about. */
  outward: "allow" | "ask";
  /** Ids of rules that the person allowed. */
  allowed: readonly string[];
  /** Commands that the owner forbids: `*` stands for anything. */
  denied: readonly string[];
  /** Somebody is there to answer: without, what would be asked is refused. */
  attended: boolean;
}

/**
 * Whether a command may run. Hardline rules and the owner's denials are refused in every mode and everywhere; so is
 * guessing the password of sudo outside of an isolated shell. Never throws; takes time linear in the length.
 */
export function judgeCommand(command: string, options: GuardOptions): Judgement {
  const { commands, isUnreadable } = command.length > longestCommand ? tooLong : readCommand(command);
  const refused = [
    ...forkBomb(command),
    ...matching(hardline, "hardline", commands),
    ...denials(command, commands, options.denied),
    ...(options.isIsolated ? [] : matching(sudo, "sudo", commands)),
  ];
  if (refused.length > 0) return { verdict: "refuse", findings: refused };
  if (options.mode === "off") return { verdict: "allow", findings: [] };
  const findings = [
    ...evasions(commands, isUnreadable, options),
    ...(options.isIsolated ? [] : matching(dangerous, "dangerous", commands)),
    ...(options.outward === "allow" ? [] : matching(outward, "outward", commands)),
  ].filter(({ rule }) => !options.allowed.includes(rule) || !mayLast(rule));
  if (findings.length === 0) return { verdict: "allow", findings };
  if (options.attended) return { verdict: "ask", findings };
  return {
    verdict: "refuse",
    findings: findings.map((finding) => ({ ...finding, reason: `${finding.reason} ${unattended}` })),
  };
}

const unattended = "Nobody is there to be asked, so it does not run.";
const tooLong = { commands: [], isUnreadable: true };

const matching = (rules: readonly Rule[], family: Finding["family"], commands: readonly SimpleCommand[]): Finding[] =>
  rules
    .filter((rule) => commands.some((command) => rule.matches(command)))
    .map(({ id, reason }) => ({ rule: id, family, reason }));

const forkBomb = (text: string): Finding[] =>
  hardline
    .filter(({ id }) => id === "hardline.fork-bomb" && text.length <= longestCommand && isForkBomb(text))
    .map(({ id, reason }) => ({ rule: id, family: "hardline", reason }));

/** Whether "always" can mean anything for it: whoever allows what cannot be read allows everything. */
export const mayLast = (rule: string): boolean => rule !== "unreadable" && !rule.startsWith("unknown.");

/** What cannot be seen may be an effect on others too: where those are asked about, it is. */
function evasions(
  commands: readonly SimpleCommand[],
  isUnreadable: boolean,
  { isIsolated, outward: wanted }: Pick<GuardOptions, "isIsolated" | "outward">,
): Finding[] {
  if (isIsolated && wanted === "allow") return [];
  const family = wanted === "ask" ? "outward" : "dangerous";
  const reason = "It cannot be read: it is too long, cut off or hidden too deeply.";
  return [
    ...(isUnreadable ? [{ rule: "unreadable", family, reason } as const] : []),
    ...matching(unknown, family, commands),
  ];
}

function denials(text: string, commands: readonly SimpleCommand[], denied: readonly string[]): Finding[] {
  const lines = [text.trim(), ...commands.map((command) => textOf(command))];
  return denied
    .filter((glob) => lines.some((line) => fitsGlob(glob, line)))
    .map((glob) => ({ rule: `denied.${glob}`, family: "denied", reason: `The owner forbids commands like ${glob}.` }));
}

/** Piece by piece: the time is that of looking for each piece once. */
function fitsGlob(glob: string, line: string): boolean {
  const pieces = glob.trim().split("*");
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1;
    const place = index === 0 ? 0 : isLast ? line.length - piece.length : line.indexOf(piece, at);
    if (place < at || !line.startsWith(piece, place)) return false;
    at = place + piece.length;
  }
  return at === line.length || glob.trim().endsWith("*");
}
