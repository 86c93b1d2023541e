import { declaredSecrets } from "./declared-secrets.ts";
import { assignments } from "./secret-assignments.ts";
import { netrcPasswords, npmrcSecrets } from "./secret-files.ts";
import { commandPasswords } from "./secret-commands.ts";
import { isMasked, isReference, looksMixed, looksRandom } from "./secret-values.ts";
import type { Finder, Span } from "./span.ts";
import { knownToken } from "./token-prefixes.ts";

const ofGroup = (match: RegExpMatchArray, group: string): Span => {
  const start = match.index! + match[0].lastIndexOf(group);
  return { start, end: start + group.length };
};

const tokens: Finder = (text) =>
  Array.from(text.matchAll(knownToken), (match) => ({ start: match.index, end: match.index + match[0].length }));

const keyHeader = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const longestKey = 32_768;

/** Also a block whose end is missing: output is often cut. */
const privateKeys: Finder = (text) =>
  Array.from(text.matchAll(keyHeader)).flatMap((match) => {
    const from = match.index + match[0].length;
    const next = text.indexOf("-----", from);
    const upTo = text.slice(from, Math.min(next < 0 ? text.length : next, from + longestKey));
    const body = /^[A-Za-z0-9+/=\s\\:,.()-]*/.exec(upTo)?.[0] ?? "";
    const key = body.trim();
    if (key.length < shortestKey) return [];
    const start = from + body.indexOf(key);
    return [{ start, end: start + key.length, isWhole: true }];
  });

const keyTrailer = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const shortestKey = 16;

/** A block whose beginning is missing: output is cut at that side, too. */
const privateKeyTails: Finder = (text) => {
  const spans: Span[] = [];
  let from = 0;
  for (const match of text.matchAll(keyTrailer)) {
    const offset = Math.max(from, match.index - longestKey);
    const tail = keyTailIn(text.slice(offset, match.index));
    if (tail) spans.push({ start: offset + tail.start, end: offset + tail.end, isWhole: true });
    from = match.index + match[0].length;
  }
  return spans;
};

/** With the mark that tools put in front of it: its number, a quotation, a difference. Without white space at its end. */
const lineOfKey = /^(\s*(?:\d+\s?[|:\t]\s?|[>+-]\s?)?)([A-Za-z0-9+/=]*)$/;
const shortestLine = 24;

/** From the end upwards: the last line of a key may be short, all others are long, the topmost may be cut. */
function keyTailIn(before: string): { start: number; end: number } | undefined {
  let end = 0;
  let start = before.length;
  for (const { line, at } of linesUpwards(before)) {
    const [, mark = "", body] = lineOfKey.exec(line.trimEnd()) ?? [];
    const isKey = body !== undefined && (end === 0 || body.length >= shortestLine);
    const key = isKey ? body : (/[A-Za-z0-9+/=]{1,200}$/.exec(line)?.[0] ?? "");
    if (key === "" && end === 0 && body === "") continue;
    if (isKey || looksMixed(key, 1)) {
      start = isKey ? at + mark.length : at + line.length - key.length;
      if (end === 0) end = start + key.length;
    }
    if (!isKey) break;
  }
  return end - start < shortestKey ? undefined : { start, end };
}

/** Also those of a text within JSON, where a line ends with a written `\n`. */
function* linesUpwards(text: string): Generator<{ line: string; at: number }> {
  const ends = Array.from(text.matchAll(/(?:\\{1,3}r)?\\{1,3}n|\r?\n/g));
  let end = text.length;
  for (const { index, 0: lineEnd } of ends.toReversed()) {
    yield { line: text.slice(index + lineEnd.length, end), at: index + lineEnd.length };
    end = index;
  }
  yield { line: text.slice(0, end), at: 0 };
}

const userInfo = /:\/\/([^\s/:@"'<>]{0,100})(?::([^\s/@"'<>]{1,200}))?@/g;

const urlPasswords: Finder = (text) =>
  Array.from(text.matchAll(userInfo)).flatMap((match) => {
    const [whole, user = "", password] = match;
    if (password !== undefined) {
      const end = match.index + whole.length - 1;
      return isReference(password) && password !== "password" ? [] : [{ start: end - password.length, end }];
    }
    return looksRandom(user, 20) ? [ofGroup(match, user)] : [];
  });

const authorization =
  /(?<![\w-])(?:(?:proxy-)?authorization\\?["']?\s{0,3}[:=,]\s{0,3}\\?["'`]?(?:(bearer|basic|token|digest|apikey|bot|negotiate)\s{1,3})?|(bearer)\s{1,3})([^\s"'`,;<>\\]{4,})/gi;

const authorizations: Finder = (text) =>
  Array.from(text.matchAll(authorization)).flatMap((match) => {
    const [, scheme, alone, value = ""] = match;
    if (isReference(value) || value.startsWith("AWS4-") || (!scheme && !looksRandom(value, alone ? 16 : 8))) return [];
    return scheme && value.length < 8 && !/\d/.test(value) ? [] : [ofGroup(match, value)];
  });

const cookieHeader = /(?<![\w-])(?:set-)?cookie\\?["']?\s{0,3}:\s{0,3}\\?["']?([^\r\n"'\\]{3,})/gi;
const cookiePair = /(?<=^|;\s{0,3})([^\s=;,]{1,100})=([^\s;,]{4,})/g;
const cookieAttributes = /^(?:path|domain|expires|max-age|samesite|secure|httponly|priority)$/i;

const cookies: Finder = (text) =>
  Array.from(text.matchAll(cookieHeader)).flatMap((header) => {
    const pairs = header[1]!;
    const offset = header.index + header[0].length - pairs.length;
    return Array.from(pairs.matchAll(cookiePair)).flatMap((pair) => {
      if (cookieAttributes.test(pair[1]!) || isReference(pair[2]!)) return [];
      const end = offset + pair.index + pair[0].length;
      return [{ start: end - pair[2]!.length, end }];
    });
  });

const signature = /[?&](?:sig|signature|x-amz-signature|x-goog-signature|code|key)=([^\s&"'<>#]{16,})/gi;

/** Signed addresses: whoever has the address has the right. */
const signatures: Finder = (text) =>
  Array.from(text.matchAll(signature)).flatMap((match) =>
    isMasked(match[1]!) || isReference(match[1]!) || !/\d/.test(match[1]!) ? [] : [ofGroup(match, match[1]!)],
  );

const finders: readonly Finder[] = [
  tokens,
  privateKeys,
  privateKeyTails,
  urlPasswords,
  authorizations,
  cookies,
  assignments,
  commandPasswords,
  netrcPasswords,
  npmrcSecrets,
  signatures,
  declaredSecrets,
];

export const findSecrets = (text: string): Span[] => finders.flatMap((find) => find(text));
