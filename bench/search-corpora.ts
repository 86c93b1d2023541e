/** What the people of the search benchmark say and ask: the same each time. */

export interface Corpus {
  name: string;
  owner: string;
  /** Of one message. */
  text(): string;
  /** What the first message of this session has besides. */
  extra(session: number): string;
  /** Each has something to find. */
  queries: Readonly<Record<string, string>>;
}

/** Mulberry32: even, and without a period that a corpus of this size would meet. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A rank below `count`, as frequent as 1 / (rank + flat): how words and characters of a language are (Zipf, Mandelbrot). */
const zipf = (random: () => number, count: number, flat: number): number =>
  Math.floor(flat * ((count + flat) / flat) ** random() - flat);
const times = <Made>(count: number, make: (at: number) => Made): Made[] =>
  Array.from({ length: count }, (_, at) => make(at));

function spaced(): Corpus {
  const random = randomFrom(12_345);
  return {
    name: "English",
    owner: "telegram::7",
    text: () => times(60, () => `w${zipf(random, 30_000, 1)}`).join(" "),
    extra: (session) =>
      [`needle${session}`, session % 500 === 0 ? "zebra crossing" : "", session % 300 === 0 ? "我们去北京" : ""].join(
        " ",
      ),
    queries: {
      "a rare word": "needle7",
      "a common word": "w3",
      "two common words": "w3 w11",
      "a phrase": '"zebra crossing"',
      "words with OR and NOT": "w40 OR w55 NOT w3",
      "a prefix": "needle*",
      "no message has all": "needle3 needle4 needle5",
      "two Chinese characters": "北京",
    },
  };
}

/** Words of one to four of 4,000 characters, mostly two, in sentences; about 100 characters a message. */
function chinese(): Corpus {
  const random = randomFrom(54_321);
  const character = () => String.fromCodePoint(0x4e00 + zipf(random, 4_000, 30));
  const lengths = [2, 2, 2, 2, 2, 2, 3, 3, 4];
  // The commonest words are of one character, as the particles are.
  const lexicon = times(30_000, (rank) => {
    const length = rank < 60 ? 1 : lengths[Math.floor(random() * lengths.length)]!;
    return times(length, character).join("");
  });
  const word = () => lexicon[zipf(random, lexicon.length, 1.5)]!;
  const sentence = () => `${times(10, word).join("")}。`;
  const common = lexicon.filter((each) => each.length === 2);
  // Of four common words, so that each of its characters is in many messages, and all of it in few.
  const rare = common.slice(0, 4).join("");
  return {
    name: "Chinese",
    owner: "telegram::8",
    text: () => times(6, sentence).join(""),
    extra: (session) => [`needle${session}`, session % 300 === 0 ? rare : ""].join(" "),
    queries: {
      "1 character, the commonest": lexicon[0]!,
      "1 character": rare.slice(0, 1),
      "2 characters, a common word": common[0]!,
      "2 characters": rare.slice(1, 3),
      "4 characters": rare.slice(1, 5),
      "8 characters": rare,
      "8 characters OR 4, NOT 2": `${rare} OR ${rare.slice(3, 7)} NOT ${common[9]!}`,
    },
  };
}

export const corpora: readonly Corpus[] = [spaced(), chinese()];
