import { findSecrets } from "./secret-spans.ts";
import { isMasked, mask } from "./secret-values.ts";
import type { Span } from "./span.ts";

/**
 * The text with its secrets masked: tokens of known services, values behind names that promise a secret, credentials in
 * headers and addresses, private keys, and what was declared to be one (declared-secrets.ts). Text without a secret is
 * returned as it is. Takes time linear in the length, and redacting twice changes nothing more. What it finds is a net,
 * not a wall: a secret without any mark goes through.
 */
export function redact(text: string): string {
  let current = text;
  // A mask may uncover another reading of what is around it; without a secret the first round is the only one.
  for (let round = 0; round < mostRounds; round++) {
    const next = redactOnce(current);
    if (next === current) return next;
    current = next;
  }
  return current;
}

const mostRounds = 4;

/** Escape sequences of terminals, control characters (not tab and line ends) and characters that nobody sees. */
const invisible =
  // eslint-disable-next-line no-control-regex
  /\u001b\[[0-9;?]{0,20}[A-Za-z]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;

function redactOnce(text: string): string {
  if (text.search(invisible) < 0) return replaceSpans(text, findSecrets(text));
  // Once with spaces in place of what is invisible (it may divide words), once without it (it may divide a token).
  const spaced = text.replace(invisible, (match) => " ".repeat(match.length));
  const { joined, places } = join(text);
  const moved = findSecrets(joined).map((span) => ({
    ...span,
    start: places[span.start]!,
    end: places[span.end - 1]! + 1,
  }));
  return replaceSpans(text, [...findSecrets(spaced), ...moved]);
}

/** The text without what is invisible, and for each character of it the place where it was. */
function join(text: string): { joined: string; places: Uint32Array } {
  const places = new Uint32Array(text.length);
  let count = 0;
  let from = 0;
  const parts: string[] = [];
  const keep = (to: number) => {
    parts.push(text.slice(from, to));
    for (let at = from; at < to; at++) places[count++] = at;
  };
  for (const match of text.matchAll(invisible)) {
    keep(match.index);
    from = match.index + match[0].length;
  }
  keep(text.length);
  return { joined: parts.join(""), places };
}

function replaceSpans(text: string, spans: Span[]): string {
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, isWhole } of merge(spans)) {
    const found = text.slice(start, end);
    parts.push(text.slice(at, start), isMasked(found) ? found : isWhole ? "***" : mask(found.replace(invisible, "")));
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** Sorted, and those that overlap made one. */
function merge(spans: Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last && span.start < last.end) {
      last.end = Math.max(last.end, span.end);
      last.isWhole = (last.isWhole ?? false) || (span.isWhole ?? false);
    } else merged.push({ ...span });
  }
  return merged;
}
