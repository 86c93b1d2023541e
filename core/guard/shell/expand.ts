const simpleEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\u0007",
  b: "\b",
  e: "\u001b",
  E: "\u001b",
  f: "\f",
  v: "\v",
};

/** What `$'…'`, `printf` and `echo -e` make of backslashes. */
export const unescape = (text: string): string =>
  text.replace(
    /\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,4})|([\s\S]))/g,
    (_, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
      const code = hex ?? short ?? long;
      if (code !== undefined) return fromCode(Number.parseInt(code, 16));
      if (octal !== undefined) return fromCode(Number.parseInt(octal, 8) & 0xff);
      return simpleEscapes[other ?? ""] ?? other ?? "";
    },
  );

const fromCode = (code: number): string => (code <= 0x10_ff_ff ? String.fromCodePoint(code) : "");

const mostWords = 64;

/** `{a,b}` outside of quotes; never more than 64 words. */
export function expandBraces(word: string): string[] {
  let words = [word];
  for (let round = 0; round < 6; round++) {
    const next = words.flatMap((each) => {
      const match = /^([^{]*)\{([^{}]*,[^{}]*)\}([\s\S]*)$/.exec(each);
      return match ? match[2]!.split(",").map((part) => `${match[1]}${part}${match[3]}`) : [each];
    });
    if (next.length === words.length || next.length > mostWords) return words;
    words = next;
  }
  return words;
}

/** Whether a path with `*`, `?` or `[…]` could mean this name. Takes length × length steps at most. */
export function globMatches(pattern: string, name: string): boolean {
  const parts = pattern.slice(0, 200).match(/\[!?\]?[^\]]*\]|[\s\S]/g) ?? [];
  // The places of `name` that the parts read so far can end at.
  let places = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    for (const place of places) {
      if (part === "*") for (let at = place; at <= name.length; at++) next.add(at);
      else if (place < name.length && partMatches(part, name[place]!)) next.add(place + 1);
    }
    places = next;
  }
  return places.has(name.length);
}

function partMatches(part: string, character: string): boolean {
  if (part === "?" || part === character) return true;
  if (part.length < 3) return false;
  const isNegated = /^\[[!^]/.test(part);
  const body = part.slice(isNegated ? 2 : 1, -1);
  const isIn = characters(body).has(character);
  return isIn !== isNegated;
}

/** The characters of a set such as `a-z0-9`, as `tr` and globs write it. */
export function characters(text: string): Set<string> {
  const all = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    const [from, hyphen, to] = [text[at]!, text[at + 1], text[at + 2]];
    if (hyphen === "-" && to !== undefined && from <= to) {
      for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) all.add(String.fromCharCode(code));
      at += 2;
    } else all.add(from);
  }
  return all;
}
