/**
 * What must not get into a text that becomes part of the system prompt: notes, names and descriptions, what an external
 * memory recalls. It guards texts of some hundred characters, not documents (core/skills/scan-rules.ts), and is a net, not
 * a wall: a model reads more ways to give an order than any list. So it is kept tight where a plain fact reads alike.
 * Its rules are 40 KB: who needs them in a turn imports this file on first use.
 */
import { findSecrets } from "./secret-spans.ts";
import { acts } from "./threats/acts.ts";
import { hiddenAt, readable, type Reading } from "./threats/characters.ts";
import { forms } from "./threats/forms.ts";
import { languages } from "./threats/languages.ts";
import { lures } from "./threats/lures.ts";
import { orders } from "./threats/orders.ts";
import type { ThreatRule, ThreatScan } from "./threats/rule.ts";

export const threatRules: readonly ThreatRule[] = [...orders, ...acts, ...lures, ...forms, ...languages];

type Threat = Pick<ThreatRule, "name" | "instead">;

const hiddenText: Threat = { name: "text with invisible characters", instead: "Write it anew, in plain letters." };
/** What is masked everywhere else (core/guard) is nothing to keep in the open. */
const secret: Threat = { name: "a secret", instead: "Say where it is kept, not what it is." };

/** In the link of a video call, which is there to be shared. */
const meetingCode = /[?&]pwd=[\w.-]{1,64}/g;

const maxScannedChars = 65_536;

const compiled = new Map<ThreatRule, readonly RegExp[]>();

function patternsOf(rule: ThreatRule): readonly RegExp[] {
  const patterns = compiled.get(rule) ?? rule.patterns();
  compiled.set(rule, patterns);
  return patterns;
}

function fits(rule: ThreatRule, { text, lower }: Reading): boolean {
  const mayFit = rule.words?.split(" ").some((word) => lower.includes(word)) ?? true;
  return mayFit && patternsOf(rule).some((pattern) => pattern.test(text));
}

/** What the text looks like; `undefined` when it is harmless. */
export function threatOf(text: string): Threat | undefined {
  const scanned = text.slice(0, maxScannedChars);
  if (hiddenAt(scanned) >= 0) return hiddenText;
  const readings = readable(scanned);
  const found = threatRules.find((rule) => readings.some((reading) => fits(rule, reading)));
  return found ?? (findSecrets(scanned.replaceAll(meetingCode, "")).length > 0 ? secret : undefined);
}

export const threatIn: ThreatScan = (text) => threatOf(text)?.name;
