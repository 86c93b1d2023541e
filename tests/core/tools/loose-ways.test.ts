import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editsBetween, resultOf, soughtOf } from "../../../core/tools/files/edits.ts";
import { replaceText } from "../../../core/tools/files/replace-text.ts";
import { unifiedDiff } from "../../../core/tools/files/unified-diff.ts";

const replace = (text: string, wanted: string, replacement: string) =>
  replaceText(text, { wanted, replacement, all: false });

describe("the ways to find a text, one after the other", () => {
  it.each([
    ["trailing white space", "a  \nb\t\nc\n", "a\nb\n", "x\nb\n", "x\nb\t\nc\n", "line ends"],
    ["indentation", "  if a:\n      b()\n", "if a:\n    b()", "if a:\n    c()", "  if a:\n      c()\n", "indentation"],
    ["white space in lines", "f(a,   b)\nend\n", "f(a, b)\nend", "f(a, c)\nend", "f(a, c)\nend\n", "within lines"],
    ["white space in a part of a line", "x = f(a,   b);\n", "f(a, b)", "g()", "x = g();\n", "within lines"],
    ["escapes", 'say("hi")\nend\n', '  say(\\"hi\\")\\nend', '  say(\\"ho\\")\\nend', 'say("ho")\nend\n', "escapes"],
    ["escapes in a part of a line", 'x = "hi";\n', '\\"hi\\"', '\\"ho\\"', 'x = "ho";\n', "escapes"],
    ["typography", "say(“hi” – now)\nend\n", 'say("hi" - now)\nend', "done\nend", "done\nend\n", "typographic"],
    ["typography in a part of a line", "x “hi” y\n", '"hi"', "ho", "x ho y\n", "typographic"],
    ["blank lines around", "a\nb\nc\n", "\n\nb\n\n", "\n\nx\n\n", "a\nx\nc\n", "around old_string"],
    ["space around a part of a line", "a(b)c\n", " (b) ", " (x) ", "a(x)c\n", "around old_string"],
  ])("overlook %s", (_, text, wanted, replacement, expected, said) => {
    const outcome = replace(text, wanted, replacement);
    expect(outcome).toMatchObject({ status: "replaced", text: expected, count: 1 });
    expect(outcome).toHaveProperty("note", expect.stringContaining(said));
  });

  const block =
    "function total(items) {\n  let sum = 0;\n  for (const item of items) sum += item.price;\n  return sum;\n}\n";

  it("take the first and the last line for anchors, and keep what the model did not mean to change", () => {
    const wanted =
      "function total(items) {\n  let sum = 1;\n  for (const item of all) sum += item.cost;\n  return sum;\n}";
    const outcome = replace(`// top\n${block}`, wanted, wanted.replace("return sum", "return sum * 2"));
    expect(outcome).toMatchObject({ text: `// top\n${block.replace("return sum", "return sum * 2")}` });
    expect(outcome).toHaveProperty("note", expect.stringContaining("first and the last line"));
  });

  it("take a similar block where not even its ends agree", () => {
    const wanted =
      "function totals(items) {\n  let sum = 0;\n  for (const item of items) sum += item.price;\n  return sums;";
    const outcome = replace(block, wanted, wanted.replace("let sum = 0;", "let sum = 10;"));
    expect(outcome).toMatchObject({ text: block.replace("let sum = 0;", "let sum = 10;") });
    expect(outcome).toHaveProperty("note", expect.stringContaining("similarity"));
  });

  it("do not take a block that has only its ends in common, nor one similar line", () => {
    const text = "begin {\n  alpha = 1;\n  beta = 2;\n}\n";
    expect(replace(text, "begin {\n  while (true) run();\n  print(zeta);\n}", "x")).toEqual({ status: "missing" });
    expect(replace("const total = sum(items);\n", "const totals = sum(item);", "x")).toEqual({ status: "missing" });
  });

  it("do not choose between two similar blocks", () => {
    const wanted =
      "function total(items) {\n  let sum = 2;\n  for (const item of items) sum += item.price;\n  return sum;\n}";
    expect(replace(block + block, wanted, "x")).toEqual({ status: "ambiguous", lines: [1, 6], isExact: false });
  });

  it("translate spaces to the file's tabs, deeper and less deep than what was there", () => {
    const text = "class A:\n\tdef f(self):\n\t\treturn 1\n";
    expect(
      replace(text, "    def f(self):\n        return 1", "    def f(self):\n        if x:\n            y\n    z\nw"),
    ).toMatchObject({ text: "class A:\n\tdef f(self):\n\t\tif x:\n\t\t\ty\n\tz\nw\n" });
  });

  it("keep CRLF where the model put several lines in place of a part of one", () => {
    expect(replace("a\r\nb c\r\n", "b c", "b\nc")).toMatchObject({ text: "a\r\nb\r\nc\r\n" });
    expect(replace("a\nb c\r\n", "b c", "b\nc")).toMatchObject({ text: "a\nb\nc\r\n" });
  });
});

const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{4,9}$/), { minLength: 6, maxLength: 14 });

/** A text with blocks, the lines of one of them, and one line of it that shall change. */
const scene = fc
  .record({ words, indents: fc.array(fc.nat({ max: 3 }), { minLength: 14, maxLength: 14 }) })
  .chain((drawn) =>
    fc.record({
      lines: fc.constant(
        drawn.words.map((word, at) => `${"  ".repeat(drawn.indents[at] ?? 0)}call("${word}", ${at} - 1);`),
      ),
      from: fc.nat({ max: drawn.words.length - 4 }),
      changed: fc.nat({ max: 2 }),
    }),
  );

/** How models misremember a text: each must still lead to exactly the change that was meant. */
const slips: Record<string, (line: string) => string> = {
  "no slip": (line) => line,
  "spaces at the end": (line) => `${line}  `,
  "one indentation less": (line) => line.replace(/^ {2}/, ""),
  "no indentation": (line) => line.trimStart(),
  "wide spaces": (line) => line.replace(", ", ",   "),
  "escaped quotes": (line) => line.replaceAll('"', '\\"'),
  "typographic quotes": (line) => line.replace('"', "“").replace('"', "”").replace("-", "–"),
};

describe("a replacement that is found", () => {
  it.each(Object.entries(slips))("gives the intended text and touches nothing else, with %s", (name, slip) => {
    fc.assert(
      fc.property(scene, ({ lines, from, changed }) => {
        const text = `${lines.join("\n")}\n`;
        const block = lines.slice(from, from + 3);
        const meant = block.map((line, at) => (at === changed ? line.replace("call", "invoke") : line));
        const outcome = replace(text, block.map(slip).join("\n"), meant.map(slip).join("\n"));
        if (outcome.status !== "replaced") throw new Error(`${outcome.status}: ${block.map(slip).join("\n")}`);
        // What the model wrote anew is as it wrote it; indentation and escapes are the file's.
        const isAsWritten = /spaces|typographic/.test(name);
        const put = block.map((line, at) => (at !== changed ? line : isAsWritten ? slip(meant[at] ?? "") : meant[at]));
        const expected = [...lines.slice(0, from), ...put, ...lines.slice(from + 3), ""];
        expect(outcome.text.split("\n")).toEqual(expected);
      }),
    );
  });

  it("is not one of two that overlap, unless all are meant", () => {
    expect(replace("a\n\n\nb", "\n\n", "\n")).toEqual({ status: "ambiguous", lines: [1, 2], isExact: true });
    expect(replaceText("aaaa", { wanted: "aa", replacement: "b", all: true })).toMatchObject({ text: "bb", count: 2 });
  });

  it("never changes a byte outside of an exact match", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "\t", "\r\n", "“", "\\"), maxLength: 60 });
    fc.assert(
      fc.property(text, text, text, text, (before, wanted, replacement, after) => {
        const outcome = replace(before + wanted + after, wanted, replacement);
        if (outcome.status !== "replaced" || outcome.note !== undefined || wanted === "") return;
        expect(outcome.text.startsWith(before) && outcome.text.endsWith(after)).toBe(true);
      }),
    );
  });

  it("never throws and never takes several places for one, whatever the texts", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "b", "c", " ", "\n", "\t", "“", '"', "\\", "n", "("),
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, text, text, (whole, wanted, replacement) => {
        const outcome = replace(whole, wanted, replacement);
        const places = outcome.status === "replaced" ? outcome.count : 1;
        const candidates = outcome.status === "ambiguous" ? outcome.lines.length : 2;
        expect([places, candidates > 1]).toEqual([1, true]);
      }),
      { numRuns: 500 },
    );
  });
});

const someLines = fc.array(fc.constantFrom("a", "b", "c", "", "  d", "e "), { maxLength: 30 });

describe("edits and diffs", () => {
  it("lead from the old lines to the new ones", () => {
    fc.assert(
      fc.property(someLines, someLines, (old, now) => {
        const edits = editsBetween(old, now);
        expect(soughtOf(edits)).toEqual(old);
        expect(resultOf(edits)).toEqual(now);
      }),
    );
  });

  it("show changes far apart in hunks of their own, with the right numbers", () => {
    const before = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`).join("\n");
    const after = before.replace("line 3\n", "line 3\nnew\n").replace("line 25\n", "");
    expect(
      unifiedDiff("f", before, after)
        .split("\n")
        .filter((line) => /^(@@|[-+])/.test(line)),
    ).toEqual(["--- f", "+++ f", "@@ -1,6 +1,7 @@", "+new", "@@ -22,7 +23,6 @@", "-line 25"]);
  });
});
