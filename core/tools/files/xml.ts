const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Text of an XML file with its five entities and numbered characters resolved. */
export const unescapeXml = (text: string): string =>
  text.replaceAll(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );

interface Tag {
  /** Without its namespace prefix. */
  name: string;
  kind: "start" | "end" | "empty";
  attributes: string;
  /** What follows up to the next tag, unescaped. */
  text: string;
}

/** The tags of an XML text one after the other: enough for formats that programs write. Comments and the like are skipped. */
export function* tagsOf(xml: string): Generator<Tag> {
  for (const [, end, name, attributes = "", empty, text = ""] of xml.matchAll(
    /<(\/?)(?:[\w.-]+:)?([\w.-]+)((?:\s[^<>]*?)?)(\/?)>([^<]*)/g,
  )) {
    if (name === undefined) continue;
    yield { name, kind: end ? "end" : empty ? "empty" : "start", attributes, text: unescapeXml(text) };
  }
}

/** The value of an attribute; its name may have a prefix. */
export function attributeOf(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|[\\s:])${name}="([^"]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : unescapeXml(value);
}
