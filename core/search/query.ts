import { indexText, wordsOf } from "./words.ts";

/** A word, a phrase, or the beginning of a word. */
export interface Term {
  /** As FTS5 takes it: a string literal, whose content no rule of its query language reads. */
  match: string;
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
  /** For FTS5's MATCH; `undefined` when there is no word in it. */
  match: string | undefined;
  /** What may be found, for ranking and excerpts. */
  terms: Term[];
  /** Any of the words; only where they were plain words, so that nobody's OR or NOT is overruled. */
  loose: string | undefined;
}

const maxChars = 1_000;
const maxTerms = 32;
/** A phrase in straight or curly quotation marks, or anything without a space, with its asterisk. */
const token = /["“”„]([^"“”„]*)["“”„](\*?)|([^\s"“”„]+)/gu;

function termOf(text: string, hasAsterisk = false): Term | undefined {
  const words = wordsOf(text);
  if (words.length === 0) return undefined;
  const literal = `"${indexText(text).replaceAll('"', " ")}"`;
  const isPrefix = hasAsterisk || text.endsWith("*");
  return { match: isPrefix ? `${literal}*` : literal, text: text.replace(/\*$/, ""), words, isPrefix };
}

const allOf = (terms: readonly Term[]): string => terms.map(({ match }) => match).join(" AND ");
const anyOf = (parts: readonly string[]): string => parts.map((part) => `(${part})`).join(" OR ");

function matchOf({ all, none }: Group): string {
  return none.length === 0 ? allOf(all) : `(${allOf(all)}) NOT (${anyOf(none.map(({ match }) => match))})`;
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
    loose: isPlain ? anyOf(terms.map(({ match }) => match)) : undefined,
  };
}
