import { isMasked, isReference, looksMixed } from "./secret-values.ts";
import type { Finder, Span } from "./span.ts";

/** White space, also as JSON writes it. */
const gap = String.raw`(?:\s|\\[nrt]){1,10}`;
const word = String.raw`[^\s\\"']{1,200}`;
/** A machine with its login anywhere; without one only where a line begins, since a sentence may say so, too. */
const netrc = new RegExp(
  String.raw`(?:(?<![\w-])(?:machine${gap}${word}|default)(?:${gap}(?:login|account)${gap}${word}){1,2}|(?<=^|\n)machine${gap}${word})${gap}password${gap}([^\s\\"']+)`,
  "g",
);

/** `machine host login user password secret`, in one line or several. */
export const netrcPasswords: Finder = (text) =>
  Array.from(text.matchAll(netrc)).flatMap((match) => lastPart(match, match[1] ?? ""));

const npmrc = /(?<![\w.])(:?)_(?:auth|authToken|password)\s{0,3}=\s{0,3}["']?([^\s"'`,;()\\]{6,})/g;

/** Settings of npm; without a registry in front of them only what looks like a secret, since code has such names. */
export const npmrcSecrets: Finder = (text) =>
  Array.from(text.matchAll(npmrc)).flatMap((match) => {
    const [, colon, value = ""] = match;
    return colon || looksMixed(value, 8) || /^[A-Za-z0-9+/]{8,}={1,2}$/.test(value) ? lastPart(match, value) : [];
  });

function lastPart(match: RegExpExecArray, value: string): Span[] {
  const end = match.index + match[0].length;
  return isMasked(value) || isReference(value) ? [] : [{ start: end - value.length, end }];
}
