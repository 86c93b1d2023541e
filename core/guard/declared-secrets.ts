/** A shorter value is too likely to be an ordinary word. */
const shortestDeclared = 8;
/** Of a value of many lines each is a secret of its own, when it looks like nothing else. */
const shortestLine = 16;
/** Where the usual tools break a line of base64. */
const base64Widths = [64, 76];

/** Every spelling of every declared value, the longest first. */
let spellings: readonly string[] = [];

/**
 * Makes values known that `redact` masks wherever they turn up, although nothing about them says what they are.
 * For the whole process: a composition root declares what it hands to commands.
 */
export function declareSecrets(values: readonly string[]): void {
  const further = values.map((value) => value.trim()).filter((value) => value.length >= shortestDeclared);
  spellings = [...new Set([...spellings, ...further.flatMap(spellingsOf)])].sort((a, b) => b.length - a.length);
}

function spellingsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= shortestLine && !/\s/.test(line));
  const encoded = [...lines, value].flatMap(base64Of);
  const all = [value, ...lines, ...encoded, ...encoded.map(forAddresses), ...escapedOf(value)];
  return all.filter((spelling) => spelling.length >= shortestDeclared);
}

/** Within JSON, within JSON of JSON, in an address and in a form. */
function escapedOf(value: string): string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  const inForm = new URLSearchParams({ "": value }).toString().slice(1);
  return [inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(value.toWellFormed()), inForm];
}

/** The value alone, in lines too, and the characters that are its own when something stands before and after it. */
function base64Of(value: string): string[] {
  const bytes = Buffer.from(value);
  const whole = bytes.toString("base64");
  const lines = base64Widths.flatMap((width) => whole.match(new RegExp(`.{1,${width}}`, "g")) ?? []);
  const within = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [whole, ...lines, ...within];
}

const forAddresses = (base64: string): string => base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/** Where declared values stand in the text. Nothing of them may stay. */
export function declaredSecrets(text: string): { start: number; end: number; isWhole: true }[] {
  const spans: ReturnType<typeof declaredSecrets> = [];
  for (const spelling of spellings)
    for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + spelling.length))
      spans.push({ start: at, end: at + spelling.length, isWhole: true });
  return spans;
}
