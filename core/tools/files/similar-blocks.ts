import { likeness } from "./likeness.ts";

/** Of one line compared; longer ones are compared by their beginning. */
const maxLineChars = 400;
/** Blocks that are looked at more closely; a text with more such beginnings says too little. */
const maxCandidates = 1_000;
const maxBlockLines = 2_000;
/** How alike the lines between two anchors must be on average. */
const anchoredLikeness = 0.6;
/** Without anchors: on average, and each line for itself. */
const blockLikeness = 0.8;
const lineLikeness = 0.5;

const keyOf = (line: string): string => line.trim().replaceAll(/\s+/g, " ").slice(0, maxLineChars);

/** Blocks of as many lines whose first and last line are the sought ones, with similar lines between them. */
export function byBlockAnchor(lines: readonly string[], sought: readonly string[]): number[] {
  const pattern = sought.map(keyOf);
  const [first, last] = [pattern[0], pattern.at(-1)];
  if (pattern.length < 3 || pattern.length > maxBlockLines || !first || !last) return [];
  const keys = lines.map(keyOf);
  const starts = keys.flatMap((key, at) => (key === first && keys[at + pattern.length - 1] === last ? [at] : []));
  if (starts.length > maxCandidates) return [];
  return starts.filter((at) => {
    const scores = scoresAt(keys, pattern, at).slice(1, -1);
    return mean(scores) >= anchoredLikeness;
  });
}

/**
 * Blocks of as many lines that are alike on the whole. At least three lines that are not blank, and at least one of
 * them word for word: below that a resemblance means little.
 */
export function byContext(lines: readonly string[], sought: readonly string[]): number[] {
  const pattern = sought.map(keyOf);
  const telling = pattern.filter((key) => key.length > 3);
  if (telling.length < 3 || pattern.length > maxBlockLines) return [];
  const keys = lines.map(keyOf);
  const starts = startsBySharedLine(keys, pattern);
  if (starts.length > maxCandidates) return [];
  return starts.filter((at) => {
    const scores = scoresAt(keys, pattern, at);
    return mean(scores) >= blockLikeness && scores.every((score) => score >= lineLikeness);
  });
}

/** Where a block could begin so that one of its telling lines is the sought one. */
function startsBySharedLine(keys: readonly string[], pattern: readonly string[]): number[] {
  const offsets = new Map<string, number[]>();
  pattern.forEach((key, offset) => {
    if (key.length > 3) offsets.set(key, [...(offsets.get(key) ?? []), offset]);
  });
  const starts = new Set<number>();
  keys.forEach((key, at) => {
    for (const offset of offsets.get(key) ?? []) {
      const start = at - offset;
      if (start >= 0 && start + pattern.length <= keys.length) starts.add(start);
    }
  });
  return [...starts].sort((a, b) => a - b);
}

const scoresAt = (keys: readonly string[], pattern: readonly string[], at: number): number[] =>
  pattern.map((key, offset) => likeness(key, keys[at + offset] ?? ""));

const mean = (scores: readonly number[]): number =>
  scores.length === 0 ? 1 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
