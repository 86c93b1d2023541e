import { phraseOf, type TextFormat, wordsOf } from "./words.ts";

/** For FTS5's MATCH in a segment of this format. */
export type Match = (format: TextFormat) => string;

/** A word, a phrase, or the beginning of a word. */
export interface Term {
  /** A string literal, whose content no rule of FTS5's query language reads. */
  match: Match;
  /** As it was written, for excerpts. */
  text: string;
  words: string[];
  isPrefix: boolean;
}

/** Sessions are found that fit one of the groups: all of `all`, none of `none`. */
interface Group {
  all: Term[];
  none: Term[];
}

export interface Query {
  /** `undefined` when there is no word in it. */
  match: Match | undefined;
  /** What may be found, for ranking and excerpts. */
  terms: Term[];
  /** Any of the words; only where they were plain words, so that nobody's OR or NOT is overruled. */
  loose: Match | undefined;
}

const maxChars = 1_000;
const maxTerms = 32;
/** A phrase in straight or curly quotation marks, or anything without a space, with its asterisk. */
const token = /["“”„]([^"“”„]*)["“”„](\*?)|([^\s"“”„]+)/gu;

function termOf(text: string, hasAsterisk = false): Term | undefined {
  const words = wordsOf(text);
  if (words.length === 0) return undefined;
  const isPrefix = hasAsterisk || text.endsWith("*");
  const literalIn = (format: TextFormat) => {
    const phrase = phraseOf({ words: text, isPrefix }, format);
    const literal = `"${phrase.words.replaceAll('"', " ")}"`;
    return phrase.isPrefix ? `${literal}*` : literal;
  };
  // Once for all segments.
  const literals = { characters: literalIn("characters"), trigrams: literalIn("trigrams"), both: literalIn("both") };
  const match: Match = (format) => literals[format];
  return { match, text: text.replace(/\*$/, ""), words, isPrefix };
}

const matchesOf = (terms: readonly Term[]): Match[] => terms.map(({ match }) => match);
const allOf =
  (parts: readonly Match[]): Match =>
  (format) =>
    parts.map((part) => part(format)).join(" AND ");
const anyOf =
  (parts: readonly Match[]): Match =>
  (format) =>
    parts.map((part) => `(${part(format)})`).join(" OR ");

function matchOf({ all, none }: Group): Match {
  const wanted = allOf(matchesOf(all));
  const unwanted = anyOf(matchesOf(none));
  return none.length === 0 ? wanted : (format) => `(${wanted(format)}) NOT (${unwanted(format)})`;
}

/** A group that only forbids would find everything else: then its words are looked for. */
const asGroup = ({ all, none }: Group): Group => (all.length === 0 ? { all: none, none: [] } : { all, none });

/** Reads what a person or a model wrote. What is no operator in its place is a word; anything can be read. */
export function parseQuery(text: string): Query {
  const groups: Group[] = [{ all: [], none: [] }];
  let count = 0;
  let isNegated = false;
  for (const [, phrase, asterisk, plain] of text.slice(0, maxChars).matchAll(token)) {
    const group = groups.at(-1)!;
    if (plain === "OR") groups.push({ all: [], none: [] });
    if (plain === "NOT") isNegated = true;
    if (plain === "OR" || plain === "AND" || plain === "NOT") continue;
    const term = termOf(phrase ?? plain ?? "", asterisk === "*");
    if (!term || (count += 1) > maxTerms) continue;
    (isNegated ? group.none : group.all).push(term);
    isNegated = false;
  }
  const filled = groups.map(asGroup).filter(({ all }) => all.length > 0);
  const terms = filled.flatMap(({ all }) => all);
  const isPlain = filled.length === 1 && filled[0]?.none.length === 0 && terms.length > 1;
  return {
    match: filled.length === 0 ? undefined : anyOf(filled.map(matchOf)),
    terms,
    loose: isPlain ? anyOf(matchesOf(terms)) : undefined,
  };
}
