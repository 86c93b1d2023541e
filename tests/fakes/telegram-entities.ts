/**
 * Reads Telegram's HTML style as its server does (https://core.telegram.org/bots/api#html-style): known tags only,
 * properly nested, `&lt; &gt; &amp; &quot;` as the only named entities. Written apart from the renderer, as its judge.
 */
const known = new Set([
  "b",
  "strong",
  "i",
  "em",
  "u",
  "ins",
  "s",
  "strike",
  "del",
  "a",
  "code",
  "pre",
  "blockquote",
  "tg-spoiler",
  "span",
]);
const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"' };

export interface ReadHtml {
  text: string;
  tags: string[];
}

/** The visible text and the tags in order of opening; throws with Telegram's words when it does not parse. */
export function readTelegramHtml(html: string): ReadHtml {
  const open: string[] = [];
  const tags: string[] = [];
  let text = "";
  for (let at = 0; at < html.length;) {
    const character = html.charAt(at);
    if (character === "<") {
      const end = html.indexOf(">", at);
      if (end === -1) throw new Error("Unclosed start tag");
      readTag(html.slice(at + 1, end), open, tags);
      at = end + 1;
    } else if (character === "&") {
      const entity = /&(?:([a-z]+)|#(\d+));/y;
      entity.lastIndex = at;
      const match = entity.exec(html);
      const decoded = match && (match[1] === undefined ? String.fromCodePoint(Number(match[2])) : named[match[1]]);
      text += decoded ?? character;
      at = decoded === undefined || decoded === null ? at + 1 : entity.lastIndex;
    } else {
      text += character;
      at += 1;
    }
  }
  if (open.length > 0) throw new Error(`Can't find end tag corresponding to start tag "${open.at(-1)}"`);
  return { text, tags };
}

function readTag(inner: string, open: string[], tags: string[]): void {
  if (inner.startsWith("/")) {
    const expected = open.pop();
    if (expected !== inner.slice(1).trim())
      throw new Error(`Unmatched end tag, expected "</${expected}>", found "<${inner}>"`);
    return;
  }
  const name = /^[a-z-]+/.exec(inner)?.[0] ?? "";
  if (!known.has(name)) throw new Error(`Unsupported start tag "${name}"`);
  if (name === "blockquote" && open.includes("blockquote")) throw new Error("Nested blockquote");
  if (!/^(?: [a-z]+="[^"<>]*")*$/.test(inner.slice(name.length))) throw new Error(`Invalid attributes of "${name}"`);
  open.push(name);
  tags.push(name);
}
