/** What a text looks like, in words that complete "looks like …"; `undefined` when it is harmless (../threats.ts). */
export type ThreatScan = (text: string) => string | undefined;

/** One kind of text that must not get into a system prompt. */
export interface ThreatRule {
  /** Completes "looks like …". */
  name: string;
  /** What to note in its place, where that is not the plain fact. */
  instead?: string;
  /**
   * One of them, or a word that holds it, is in every such text, in lower case. They are looked for first, since a pattern
   * takes a millisecond to compile and most notes have none. Absent: the patterns decide alone.
   */
  words?: string;
  /** Any of them is enough. Each gap within is bounded, so that a long text costs time by its length alone. */
  patterns(): readonly RegExp[];
}
