import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replaceText } from "../../../core/tools/files/replace-text.ts";
import { unifiedDiff } from "../../../core/tools/files/unified-diff.ts";

const replace = (text: string, wanted: string, replacement: string, all = false) =>
  replaceText(text, { wanted, replacement, all });

describe("replacing text", () => {
  it("changes nothing but the one exact place", () => {
    expect(replace("a\nb\nc\n", "b", "x\ny")).toEqual({ status: "replaced", text: "a\nx\ny\nc\n", count: 1 });
  });

  it("prefers the exact place over looser ones", () => {
    expect(replace("  x\nx\n", "  x\n", "y\n")).toMatchObject({ text: "y\nx\n" });
  });

  it("keeps the file's line ends when the model wrote others", () => {
    expect(replace("a\r\nb\r\nc\r\n", "a\nb\n", "x\ny\n")).toMatchObject({ text: "x\r\ny\r\nc\r\n", count: 1 });
  });

  it("overlooks white space at line ends", () => {
    expect(replace("if a:  \n  b\n", "if a:\n  b", "if c:\n  b")).toMatchObject({ text: "if c:\n  b\n" });
  });

  it("adapts the indentation that the model got wrong", () => {
    const text = "class A:\n    def f(self):\n        return 1\n";
    expect(replace(text, "def f(self):\n    return 1\n", "def f(self):\n    x = 2\n\n    return x\n")).toMatchObject({
      text: "class A:\n    def f(self):\n        x = 2\n\n        return x\n",
    });
  });

  it("overlooks typographic quotes and dashes", () => {
    expect(replace("say(“hi” – 'x')\nend\n", `say("hi" - 'x')`, "done")).toMatchObject({ text: "done\nend\n" });
  });

  it("removes whole lines when the replacement is empty", () => {
    expect(replace("a\n  b\nc\n", "b ", "")).toMatchObject({ text: "a\nc\n" });
  });

  it("never chooses between several places, however loosely they match", () => {
    expect(replace("x\nx\n", "x", "y")).toEqual({ status: "ambiguous", lines: [1, 2], isExact: true });
    expect(replace(" x\n  x\n", "\tx", "y")).toEqual({ status: "ambiguous", lines: [1, 2], isExact: false });
  });

  it("finds nothing in white space alone", () => {
    expect(replace("a\n\n\nb\n", "\t\n \t", "x")).toEqual({ status: "missing" });
  });

  it("takes dollar signs literally, in every place when all are meant", () => {
    expect(replace("a a", "a", "$&$1", true)).toEqual({ status: "replaced", text: "$&$1 $&$1", count: 2 });
  });

  it("replaces all only where the text is exact", () => {
    expect(replace("  a\n  b\n", "a\nb", "x", true)).toMatchObject({ status: "replaced", count: 1 });
    expect(replace("a b", "A", "x", true)).toEqual({ status: "missing" });
  });

  it("turns a replacement back into the original by its reverse", () => {
    const word = fc.stringMatching(/^[a-z]{3,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 3, maxLength: 12 }), (words) => {
        const text = words.map((each) => `<${each}>`).join("\n");
        const there = replace(text, `<${words[1]}>`, "[!]");
        if (there.status !== "replaced") throw new Error(there.status);
        expect(replace(there.text, "[!]", `<${words[1]}>`)).toMatchObject({ text });
      }),
    );
  });
});

describe("a diff", () => {
  it("shows three lines around the change", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    expect(unifiedDiff("f", before, before.replace("5\n", ""))).toBe(
      "--- f\n+++ f\n@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8",
    );
  });

  it("is cut when it is long", () => {
    expect(unifiedDiff("f", "a", "b\n".repeat(10_000)).length).toBeLessThan(8_100);
  });
});
