import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readYaml } from "../../../core/skills/yaml.ts";

/** Texts as they stand in skills; the package `yaml` says what each means. */
const samples = [
  "name: a\ndescription: one two three",
  "a: 1\nb: -2.5e3\nc: 0x1f\nd: 0o17\ne: true\nf: False\ng: null\nh: ~\ni:\nj: 1.0.0\nk: 007\nl: +1",
  "description: >\n  folded text\n  goes on\n\n  new paragraph\n    verbatim\n  back\nname: x",
  "description: |-\n  literal\n    kept\n\n  end\nname: x",
  "description: >-\n  folded\n  here\n",
  "a: |+\n  keeps\n\nb: 1",
  "a: |2\n    two more\n  none\nb: 1",
  "description: plain text that\n  goes on here\n\n  after a blank line\nname: x # comment",
  "# comment\nname: 'it''s' # c\ndescription: \"a: b # no comment\\n\\u00e9 \\\"q\\\"\"",
  "metadata:\n  hermes:\n    tags: [one, \"two three\", 'four, five']\n    config:\n      - key: a\n        prompt: b\n      - key: c",
  "list:\n- a\n- b: 1\n  c: 2\n-\n  - nested\n  - - deeper\n    - x\nend: 1",
  "list:\n  - a # c\n\n  # between\n  - b",
  "flow: {a: 1, 'b': [x, {y: z}], c: , d}\nempty: []\nnone: {}",
  "flow: [a,\n  b,\n  c]\nmap: {\n  a: 1,\n  b: 2\n  }\nnext: 1",
  "quoted: \"over\n  two lines\n\n  and a break\"\nsingle: 'a\n  b'",
  "url: https://example.com/a?b=c#d\ntime: 12:30\nwin: C:\\dir",
  "\"quoted key\": 1\n'other': 2\n-dash: 3\nkey with spaces: 4\n?x: 5",
  'required_environment_variables:\n  - name: A_KEY\n    prompt: The key\n    help: "See: there"\n  - B_KEY\n',
  "a:\n  b:\n    c:\n      d: e\nf: g",
  "version: 1.0.0\nlicense: MIT\nplatforms: [linux, macos]",
  "a: - b",
  "text: a - b, c [d] {e} & * ! | > % @",
  "emoji: 🎉 ünï\ntabs: a\tb",
  "x: 'single'\ny: \"\"\nz: ''",
  "",
  "# only a comment",
  "- a\n- b",
  "a: !tag b",
  "a: &x 1\nb: *x",
  "a: b: c",
  "a: 1\na: 2",
  "a: [1, 2",
  'a: "no end',
  "a: 1\n   b: 2",
  "\ta: 1",
  "a: 'x' y",
  "a: `code`",
  "a: @at",
  "just text",
  "a: .5\nb: 5.\nc: 1e3\nd: -.5\ne: .\nf: -\ng: 1_000",
];

/** What the package makes of a text; `undefined` when it refuses it. */
const peer = (text: string): unknown => {
  try {
    return JSON.parse(JSON.stringify(parse(text, { strict: true, logLevel: "error" })));
  } catch {
    return undefined;
  }
};
const ours = (text: string): unknown => {
  try {
    return readYaml(text);
  } catch {
    return undefined;
  }
};

/** What this reader refuses on purpose. */
const beyond = new Set(["a: !tag b", "a: &x 1\nb: *x"]);

describe("the reader of front matter", () => {
  it.each(samples)("reads or refuses as the package yaml does: %j", (text) => {
    expect(ours(text)).toEqual(beyond.has(text) ? undefined : peer(text));
  });

  it("never reads a text differently than the package, whatever is put together", () => {
    const lines = [
      "a: 1",
      "b:",
      "  c: x",
      "- i",
      "  - j",
      "    d: y z",
      "k: |",
      "m: >-",
      "  text # no",
      "'q': \"r\"",
      "f: [1,",
      "  2]",
      "",
      "  ",
      "# c",
      "e: 'x",
      "   y'",
      "g: w: v",
      "  h",
      "- n: 1",
      "  o: 2",
    ];
    const readings = { both: 0 };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 7 }), (chosen) => {
        const text = chosen.join("\n");
        const [mine, theirs] = [ours(text), peer(text)];
        if (mine === undefined) return;
        readings.both += 1;
        expect(mine).toEqual(theirs);
      }),
      { numRuns: 3_000 },
    );
    expect(readings.both).toBeGreaterThan(300);
  });

  it("reads back whatever the package writes", () => {
    const key = fc.string({ minLength: 1, maxLength: 8 });
    const leaf = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.lorem({ mode: "sentences" }),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 5 }), (given) => {
        const text = stringify(given, { aliasDuplicateObjects: false });
        // Complex keys (`? `) are for keys that no skill has.
        if (/^\s*\? /m.test(text)) return;
        expect(readYaml(text)).toEqual(JSON.parse(JSON.stringify(given)));
      }),
      { numRuns: 500 },
    );
  });

  it("ends soon on texts made to keep it busy", () => {
    for (const text of [
      `a: ${"[".repeat(5_000)}`,
      `a: ${"- ".repeat(5_000)}b`,
      "a:\n ".repeat(50),
      `a: "${"\\".repeat(9_999)}`,
      `a: ${" #".repeat(9_000)}`,
      "k".repeat(20_000),
    ]) {
      expect(ours(text) === undefined || typeof ours(text) === "object" || typeof ours(text) === "string").toBe(true);
    }
  });
});
