/** A secret's place in a text. `isWhole`: nothing of it may stay, however long it is. */
export interface Span {
  start: number;
  end: number;
  isWhole?: boolean;
}

/** Every finder reads its text once: patterns are bounded, or start only where the one before ended. */
export type Finder = (text: string) => Span[];
