/** Which skills are about the same thing, over a whole library at once: in time that follows the words they share. Pure. */
import { tokensOf } from "../../skills/similar.ts";

/** What two skills are compared by. */
export interface Outline {
  name: string;
  description: string;
  /** Of SKILL.md; empty while it has not been read. */
  headings: readonly string[];
}

export interface Overlap {
  names: readonly [string, string];
  /** From 0 to 1. */
  likeness: number;
}

interface Tokens {
  name: ReadonlySet<string>;
  description: ReadonlySet<string>;
  headings: ReadonlySet<string>;
}

/** From this on two skills are worth a question to the model; words that they share by chance stay far below. */
export const overlapThreshold = 0.4;
/** A word that more skills than this share says nothing; it bounds the work for thousands of skills. */
const maxSharing = 300;
/** Of each skill only its nearest are compared word by word. */
const maxCandidates = 10;

const tokensOfOutline = ({ name, description, headings }: Outline): Tokens => ({
  name: new Set(tokensOf(name)),
  description: new Set(tokensOf(description)),
  headings: new Set(headings.flatMap((heading) => tokensOf(heading))),
});

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const token of a) if (b.has(token)) shared += 1;
  return shared / Math.max(1, a.size + b.size - shared);
}

/** Headings count where both have some; else name and description decide alone. */
function likenessOf(a: Tokens, b: Tokens): number {
  const [name, description] = [jaccard(a.name, b.name), jaccard(a.description, b.description)];
  const said = 0.5 * name + 0.5 * description;
  const hasHeadings = a.headings.size > 0 && b.headings.size > 0;
  const whole = hasHeadings ? 0.75 * said + 0.25 * jaccard(a.headings, b.headings) : said;
  // The same name in other words, or the same purpose, is enough by itself.
  return Math.max(whole, 0.9 * name, 0.9 * description);
}

/** Pairs at or above the threshold, the most alike first. Words of headings are compared but find no pairs by themselves. */
export function overlapsOf(outlines: readonly Outline[], threshold = overlapThreshold): Overlap[] {
  const tokens = outlines.map(tokensOfOutline);
  const sharing = indexOf(tokens);
  const overlaps: Overlap[] = [];
  for (const [at, own] of tokens.entries()) {
    for (const other of candidatesOf(at, own, sharing)) {
      const likeness = likenessOf(own, tokens[other] ?? own);
      const names = [outlines[at]?.name ?? "", outlines[other]?.name ?? ""] as const;
      if (likeness >= threshold) overlaps.push({ names, likeness: Math.round(likeness * 100) / 100 });
    }
  }
  return overlaps.sort((a, b) => b.likeness - a.likeness || compare(a.names.join(), b.names.join()));
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const wordsOf = ({ name, description }: Tokens): Set<string> => new Set([...name, ...description]);

function indexOf(tokens: readonly Tokens[]): Map<string, number[]> {
  const index = new Map<string, number[]>();
  for (const [at, each] of tokens.entries())
    for (const word of wordsOf(each)) {
      const sharing = index.get(word);
      if (sharing) sharing.push(at);
      else index.set(word, [at]);
    }
  return index;
}

/** Later skills that share the most words with this one. */
function candidatesOf(at: number, own: Tokens, index: ReadonlyMap<string, readonly number[]>): number[] {
  const shared = new Map<number, number>();
  for (const word of wordsOf(own)) {
    const sharing = index.get(word) ?? [];
    if (sharing.length > maxSharing) continue;
    for (const other of sharing) if (other > at) shared.set(other, (shared.get(other) ?? 0) + 1);
  }
  return [...shared]
    .sort(([a, sharedA], [b, sharedB]) => sharedB - sharedA || a - b)
    .slice(0, maxCandidates)
    .map(([other]) => other);
}

/** A question to the model is about at most so many skills. */
export const maxClusterSize = 6;

/** Groups of overlapping skills, grown from the most alike pairs on; each skill is in at most one. */
export function clustersOf(overlaps: readonly Overlap[]): string[][] {
  const clusters = new Map<string, string[]>();
  for (const { names } of overlaps) {
    const [a, b] = names.map((name) => clusters.get(name) ?? [name]) as [string[], string[]];
    if (a === b || a.length + b.length > maxClusterSize) continue;
    const joined = [...a, ...b].sort();
    for (const name of joined) clusters.set(name, joined);
  }
  return [...new Set(clusters.values())];
}
