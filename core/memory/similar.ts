/**
 * Whether two notes say the same, judged by their words alone. Wrongly finding them alike loses a fact, wrongly finding
 * them different costs a line: so every doubt counts as different.
 */

/** Words that add nothing to a note about a person or an environment. */
const empty = new Set("a an the is are am be do does user user's users person person's that".split(" "));

/** Words that turn or bound what a sentence says; two notes must agree in all of them, in their order. */
const turning = new Set(
  (
    "not no never none nothing nobody neither nor without only except unless until but if when formerly former used instead " +
    "rather than before after since anymore hardly rarely seldom sometimes always often usually maybe perhaps almost avoid avoids dislike " +
    "dislikes hate hates refuse refuses stop stops stopped was were had did will would should must may can could cannot " +
    "nicht kein keine keinen nie niemals ohne nur außer aber wenn ne pas jamais sans sauf non nunca sin solo excepto mai senza " +
    "não nunca sem ikke ej aldrig nej ani nikdy bez не нет никогда без только nie nigdy değil yok"
  ).split(" "),
);

const numberWords = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");

/** A plural or a third person: "likes" and "like" are one word. Past tenses are not: they say something else. */
const stem = (word: string): string => (/^[a-z]{3,}[^su]s$/.test(word) ? word.slice(0, -1) : word);

function wordsOf(text: string): string[] {
  const plain = text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[’‘]/g, "'")
    .replaceAll(/[“”„«»"]/g, "");
  const split = plain.replaceAll("cannot", "can not").replaceAll(/n't\b/g, " not");
  // Inside a word every sign stays: C++, db-2, 3.5 and 35 differ.
  const bare = split.split(/\s+/).map((word) => word.replace(/^[([{'*`]+/, "").replace(/[.,;:!?)\]}'*`]+$/, ""));
  return bare.filter((word) => word !== "" && !empty.has(word)).map(asWord);
}

const asWord = (word: string): string => {
  const number = numberWords.indexOf(word);
  if (number >= 0) return String(number);
  return turning.has(word) ? word : stem(word);
};

/** What must agree whole: numbers, everything with a digit in it, and words that turn the sense. */
const fixedOf = (words: readonly string[]): string =>
  words.filter((word) => turning.has(word) || /\p{N}/u.test(word)).join(" ");

/** All of `part` occur in `whole`, in this order. */
function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  let found = 0;
  for (const word of whole) if (word === part[found]) found += 1;
  return found === part.length;
}

/** Words in common, of all words of both: 0 to 1. */
function shareOf(a: readonly string[], b: readonly string[]): number {
  const [one, other] = [new Set(a), new Set(b)];
  const common = [...one].filter((word) => other.has(word)).length;
  return common / Math.max(1, one.size + other.size - common);
}

/** The share of common words from which one note that is contained in another is worth a look. */
export const partShare = 0.6;
/** The same for two notes of which none contains the other. */
export const likeShare = 0.7;

/**
 * How two notes stand to each other. `repeats`: they say the same. `resembles`: most words are common. A word that only one
 * of them has can be what it is about: “likes fish” and “wife likes fish” are two facts.
 */
export type Relation = "repeats" | "resembles";

export function relationOf(wanted: string, existing: string): Relation | undefined {
  const [mine, theirs] = [wordsOf(wanted), wordsOf(existing)];
  const share = shareOf(mine, theirs);
  if (mine.length === 0 || theirs.length === 0 || fixedOf(mine) !== fixedOf(theirs)) return undefined;
  if (mine.join(" ") === theirs.join(" ")) return "repeats";
  const isPart = isWithin(mine, theirs) || isWithin(theirs, mine);
  return share >= (isPart ? partShare : likeShare) ? "resembles" : undefined;
}
