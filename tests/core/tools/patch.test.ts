import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyHunks } from "../../../core/tools/files/apply-hunks.ts";
import { editsBetween, type Edit } from "../../../core/tools/files/edits.ts";
import { parsePatch } from "../../../core/tools/files/v4a.ts";
import { patch } from "../../../core/tools/patch.ts";
import { newBench, textOf, toolRunners } from "./tool-bench.ts";

const inPatch = (body: string) => `*** Begin Patch\n${body}\n*** End Patch`;
const update = (hunks: string) => inPatch(`*** Update File: f\n${hunks}`);

/** What a patch makes of one text; its error where it does not fit. */
function applied(text: string, hunks: string): string {
  const parsed = parsePatch(update(hunks));
  if ("error" in parsed) return parsed.error;
  const [change] = parsed.changes;
  if (change?.kind !== "update") throw new Error("the patch is no update");
  const result = applyHunks(text, change.hunks);
  return "error" in result ? result.error : result.text;
}

const classes = "class A:\n    def run(self):\n        return 1\n\nclass B:\n    def run(self):\n        return 1\n";

describe("hunks", () => {
  it("change lines between their context, from top to bottom", () => {
    expect(applied("a\nb\nc\nd\n", "@@\n a\n-b\n+x\n@@\n c\n-d\n+y\n+z")).toBe("a\nx\nc\ny\nz\n");
  });

  it("go where their @@ lines say", () => {
    const hunk = " \n-        return 1\n+        return 2".slice(2);
    expect(applied(classes, `@@ class B:\n${hunk}`)).toBe(classes.replace(/1\n$/, "2\n"));
    expect(applied(classes, `@@ class B:\n@@     def run(self):\n${hunk}`)).toBe(classes.replace(/1\n$/, "2\n"));
    expect(applied(classes, `@@ class A:\n${hunk}`)).toBe(classes.replace("1", "2"));
    expect(applied(classes, `@@ class C:\n${hunk}`)).toContain("The @@ line of hunk 1 of f is not in the file");
  });

  it("are not applied where they fit in several places", () => {
    expect(applied(classes, "@@\n-        return 1\n+        return 2")).toBe(
      "The hunk 1 of f fits in 2 places, at lines 3, 7. Add context lines or an @@ line.",
    );
    expect(applied(classes, "@@ def run(self):\n-        return 1\n+        return 2")).toContain("fits in 2 places");
  });

  it("are named when they do not fit", () => {
    expect(applied("a\nb\n", "@@\n-a\n+x\n@@\n-nowhere\n+y")).toBe(
      "The lines of hunk 2 of f are not in the file below the hunk before it.",
    );
    expect(applied("a\n", "@@\n a")).toBe("The hunk 1 of f changes nothing.");
    expect(applied("a\n", "@@\n+b")).toBe("The hunk 1 of f has no line that says where it belongs.");
    expect(applied("a\n", "@@\n?b")).toContain("A line of hunk 1 of f begins with neither");
  });

  it("put lines behind an @@ line, at the end, and into an empty file", () => {
    expect(applied("a\nb\n", "@@ a\n+x")).toBe("a\nx\nb\n");
    expect(applied("a\nb\n", "@@\n+x\n*** End of File")).toBe("a\nb\nx\n");
    expect(applied("a\na\n", "@@\n-a\n+x\n*** End of File")).toBe("a\nx\n");
    expect(applied("", "@@\n+x")).toBe("x\n");
  });

  it("fit loosely like a replacement does, with the file's own context and indentation", () => {
    expect(applied("  f(“a”);  \n  g();\n", '@@\n f("a");\n-g();\n+h();')).toBe("  f(“a”);  \n  h();\n");
    expect(applied("a\r\nb\r\n", "@@\n a\n-b\n+c")).toBe("a\r\nc\r\n");
  });

  it("are read with the line numbers of a unified diff, which are not believed", () => {
    expect(applied("a\nb\n", "@@ -7,2 +7,2 @@ something\n a\n-b\n+c")).toBe("a\nc\n");
  });

  it("lead from any text to any other when they are made from both", () => {
    const word = fc.constantFrom(
      "alpha",
      "beta",
      "gamma",
      "delta",
      "  indented",
      "",
      "x(1);",
      "***",
      "@@",
      "- item",
      "+1",
    );
    const marks = { keep: " ", remove: "-", add: "+" };
    const text = fc.array(word, { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(text, text, (old, now) => {
        // Whole files as one hunk: unique by its length, whatever repeats in it.
        const edits: Edit[] = editsBetween(["first", ...old, "last"], ["first", ...now, "last"]);
        if (edits.every(({ kind }) => kind === "keep")) return;
        const hunk = edits.map(({ kind, line }) => marks[kind] + line).join("\n");
        expect(applied(`first\n${old.join("\n")}\nlast\n`, `@@\n${hunk}`)).toBe(`first\n${now.join("\n")}\nlast\n`);
      }),
    );
  });

  it("of unique lines give exactly the intended text, however many they are", () => {
    const lines = fc.uniqueArray(fc.stringMatching(/^[a-z]{5,9}$/), { minLength: 12, maxLength: 40 });
    fc.assert(
      fc.property(lines, fc.nat(), (words, seed) => {
        const changed = words.map((_, at) => at % 4 === 1 && (seed + at) % 3 !== 0);
        if (!changed.includes(true)) return;
        const hunks = words.flatMap((word, at) =>
          changed[at] === true ? [`@@\n ${words[at - 1]}\n-${word}\n+NEW ${word}`] : [],
        );
        const expected = words.map((word, at) => (changed[at] === true ? `NEW ${word}` : word));
        expect(applied(words.join("\n"), hunks.join("\n"))).toBe(expected.join("\n"));
      }),
    );
  });
});

describe("reading a patch", () => {
  it("finds the sections of several files", () => {
    const text = inPatch(
      "*** Add File: a/new.txt\n+one\n+\n+two\n*** Update File: b\n*** Move to: c\n@@\n-x\n+y\n\n*** Delete File: d",
    );
    expect(parsePatch(`Here it is:\n${text}\nDone.`)).toMatchObject({
      changes: [
        { kind: "add", path: "a/new.txt", text: "one\n\ntwo\n" },
        { kind: "update", path: "b", moveTo: "c", hunks: [{ edits: [{ kind: "remove" }, { kind: "add" }] }] },
        { kind: "delete", path: "d" },
      ],
    });
  });

  it("says what is no patch", () => {
    expect(parsePatch("")).toEqual({ error: "The patch names no file: *** Update File: path" });
    expect(parsePatch(inPatch("hello"))).toEqual({ error: "The patch must begin with a file line, not with: hello" });
    expect(parsePatch(inPatch("*** Add File: a\none"))).toHaveProperty(
      "error",
      expect.stringContaining("begins with +"),
    );
    expect(parsePatch(inPatch("*** Update File: a"))).toEqual({ error: "Nothing is changed in a." });
  });

  it("never throws", () => {
    const line = fc.constantFrom(
      "*** Begin Patch",
      "*** Update File: a",
      "*** Add File: b",
      "*** Move to: c",
      "@@",
      "@@ x",
      "-a",
      "+b",
      " c",
      "",
      "*** End of File",
      "*** End Patch",
      "zzz",
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        expect(parsePatch(lines.join("\n"))).toBeTypeOf("object");
      }),
    );
  });
});

describe.each(toolRunners)("a patch of several files on $name", (runner) => {
  const files = "mkdir src; printf 'one\\ntwo\\n' > src/a; printf 'three\\n' > b; printf 'four\\n' > c";

  it("adds, changes, moves and deletes, and shows the differences", async () => {
    const { call, shell } = await newBench(runner);
    await shell(files);
    const body =
      "*** Update File: src/a\n@@\n one\n-two\n+2\n*** Add File: new/d\n+five\n*** Delete File: b\n*** Update File: c\n*** Move to: moved/c\n@@\n-four\n+4";
    const result = await call(patch, { mode: "patch", patch: inPatch(body) });
    expect(result).toMatchObject({
      files: [
        { path: "src/a", action: "updated" },
        { path: "new/d", action: "added" },
        { path: "b", action: "deleted" },
        { path: "moved/c", action: "moved", from: "c" },
      ],
    });
    expect(textOf(result["diff"])).toContain("--- moved/c\n+++ moved/c\n@@ -1,2 +1,2 @@\n-four\n+4");
    expect(await shell("cat src/a new/d moved/c; ls -d b c 2>/dev/null")).toBe("one\n2\nfive\n4\n");
  });

  it("changes no file when one hunk does not fit, and names it", async () => {
    const { call, shell } = await newBench(runner);
    await shell(files);
    const body = "*** Update File: src/a\n@@\n-one\n+1\n*** Update File: b\n@@\n-threee and more\n+3";
    const result = await call(patch, { patch: inPatch(body) });
    expect(result["error"]).toBe("The lines of hunk 1 of b are not in the file. No file was changed.");
    expect(await shell("cat src/a b")).toBe("one\ntwo\nthree\n");
  });

  it.each([
    ["*** Add File: b\n+x", "b exists already: use *** Update File."],
    ["*** Delete File: nope", "nope does not exist."],
    ["*** Update File: b\n*** Move to: c\n@@\n-three\n+3", "c exists already, so b is not moved there."],
    ["*** Add File: .talaria/x\n+x", ".talaria/x belongs to the program"],
    ["*** Add File: ../x\n+x", "../x lies outside the workspace"],
    ["*** Delete File: src", "src is not a regular file."],
  ])("changes no file when a path is not for it: %s", async (section, error) => {
    const { call, shell } = await newBench(runner);
    await shell(files);
    const result = await call(patch, { patch: inPatch(`*** Update File: src/a\n@@\n-one\n+1\n${section}`) });
    expect(textOf(result["error"])).toContain(error);
    expect(textOf(result["error"])).toContain("No file was changed.");
    expect(await shell("cat src/a b c")).toBe("one\ntwo\nthree\nfour\n");
  });

  it("lets a later section see what an earlier one made", async () => {
    const { call, shell } = await newBench(runner);
    await shell(files);
    const body =
      "*** Add File: n\n+a\n+b\n*** Update File: n\n@@\n a\n-b\n+c\n*** Delete File: b\n*** Add File: b\n+new";
    expect(await call(patch, { patch: inPatch(body) })).not.toHaveProperty("error");
    expect(await shell("cat n b")).toBe("a\nc\nnew\n");
  });

  it("asks for what its mode needs", async () => {
    const { call } = await newBench(runner);
    expect((await call(patch, { mode: "patch" }))["error"]).toBe("mode patch needs patch.");
    expect((await call(patch, { path: "a", new_string: "b" }))["error"]).toContain("old_string (not empty)");
  });
});

const [bubblewrap] = toolRunners.filter(({ name }) => name === "bubblewrap");
describe.skipIf(bubblewrap === undefined)("a patch where there are modes", () => {
  it("keeps a program executable when it is moved", async () => {
    if (bubblewrap === undefined) throw new Error("unreachable: the suite is skipped");
    const { call, shell } = await newBench(bubblewrap);
    await shell("printf '#!/bin/sh\\necho old\\n' > run; chmod +x run");
    await call(patch, { patch: inPatch("*** Update File: run\n*** Move to: bin/run\n@@\n-echo old\n+echo new") });
    expect(await shell("bin/run")).toBe("new\n");
  });
});
