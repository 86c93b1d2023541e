/** Whether a sentence is still said in a rewritten text, in other words perhaps. By its words alone, so every doubt says no. */

/** Words that carry nothing by themselves. */
const empty = new Set(
  (
    "a an the is are am be been being do does did it its this that these those to of in on at by for from with as and or then " +
    "so you your i we our they he she will would can could may there here please also just " +
    "der die das den dem des ein eine einen einem einer ist sind und oder dann zu zum zur im in an auf von mit für du er sie es wir ihr auch"
  ).split(" "),
);

/** Ways to say no: any of them may stand for another. */
const denying = new Set(
  (
    "not no never none nothing nobody neither nor cannot without avoid nicht nie niemals kein keine keinen keinem keiner ohne " +
    "ne pas jamais sans non nunca sin mai senza não sem ikke ej aldrig nej нет не никогда без nie nigdy"
  ).split(" "),
);

/** Words that bind or bound what is said: one that is gone changes the sentence. */
const binding = new Set(
  (
    "always must only unless except until before after if when first every all should immer muss müssen nur außer bis bevor " +
    "nach nachdem erst wenn falls jede jeder jedes alle toujours siempre sempre"
  ).split(" "),
);

/** How many of a sentence's plain words must be found: of three or fewer all of them. */
const keptShare = 0.7;

export interface Sentence {
  /** As it is written, in one line. */
  text: string;
  /** How often it says no. */
  denials: number;
  /** Numbers, names, and words that bind: none of them may be gone. */
  fixed: string[];
  plain: string[];
}

/** A plural or a third person is the word itself. */
const stem = (word: string): string => (/^[a-z]{3,}[^su]s$/.test(word) ? word.slice(0, -1) : word);

function sentenceOf(text: string): Sentence {
  const words = text.replace(/n['’]t\b/g, " not").match(/[\p{L}\p{N}]+/gu) ?? [];
  const sentence: Sentence = { text, denials: 0, fixed: [], plain: [] };
  for (const [at, word] of words.entries()) {
    const lower = word.toLowerCase();
    const isName = at > 0 && /^\p{Lu}/u.test(word);
    if (denying.has(lower)) sentence.denials += 1;
    else if (binding.has(lower) || isName || /\p{N}/u.test(word)) sentence.fixed.push(stem(lower));
    else if (!empty.has(lower)) sentence.plain.push(stem(lower));
  }
  return sentence;
}

const isSaying = ({ denials, fixed, plain }: Sentence): boolean => denials + fixed.length + plain.length > 0;

const listMark = /^\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s+/;

/** Lines that are one paragraph are one text; an item of a list and a row of a table stand by themselves. */
function paragraphsOf(lines: readonly string[]): string[] {
  const paragraphs = [""];
  for (const line of lines) {
    const isOwn = line.trim() === "" || listMark.test(line) || /^\s*\|/.test(line);
    if (isOwn) paragraphs.push("");
    paragraphs.push(`${paragraphs.pop()} ${line.replace(listMark, "")}`.trim());
  }
  return paragraphs;
}

/** The sentences of prose, given as its lines. */
export const sentencesOf = (lines: readonly string[]): Sentence[] =>
  paragraphsOf(lines)
    .flatMap((paragraph) => paragraph.split(/(?<=[.!?])\s+|(?<=[。！？])/))
    .map((text) => sentenceOf(text.replace(/\s+/g, " ").trim()))
    .filter(isSaying);

/** Whether this sentence says what that one did. */
export function isSaidBy(before: Sentence, after: Sentence): boolean {
  if (before.denials !== after.denials) return false;
  const found = new Set([...after.fixed, ...after.plain]);
  if (!before.fixed.every((word) => found.has(word))) return false;
  return before.plain.filter((word) => found.has(word)).length >= before.plain.length * keptShare;
}
