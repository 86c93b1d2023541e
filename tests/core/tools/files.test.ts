import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runTools } from "../../../core/agent/run-tools.ts";
import { patch } from "../../../core/tools/patch.ts";
import { readFile } from "../../../core/tools/read-file.ts";
import { terminal } from "../../../core/tools/terminal.ts";
import { writeFile } from "../../../core/tools/write-file.ts";
import { callTool, newBench, textOf, toolRunners } from "./tool-bench.ts";

describe.each(toolRunners)("the file tools on $name", (runner) => {
  it("write and read any text back, under any name", async () => {
    const { call } = await newBench(runner);
    const text = fc
      .string({ unit: "grapheme", maxLength: 300 })
      .map((value) => `${value.replaceAll(/[\0\r]/g, "")}\nend`);
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .map((value) => `it's ${value.replaceAll(/[/\0\n\r]/g, "_").trim()}.txt`);
    await fc.assert(
      fc.asyncProperty(name, text, async (path, content) => {
        expect(await call(writeFile, { path, content })).toMatchObject({ bytes: Buffer.byteLength(content) });
        expect(await call(readFile, { path })).toMatchObject({ content });
      }),
      { numRuns: 10 },
    );
  });

  it("change a file one after the other, however they call it", async () => {
    const { call, context } = await newBench(runner);
    await call(writeFile, { path: "notes.txt", content: "one\ntwo\nthree\nfour\n" });
    const names = ["notes.txt", "./notes.txt", "~/notes.txt", "/workspace/notes.txt"];
    const words = ["one", "two", "three", "four"];
    const calls = names.map((path, at) => ({
      id: `c${at}`,
      name: "patch",
      arguments: JSON.stringify({ path, old_string: words[at], new_string: `${words[at]} done` }),
    }));
    await runTools({ calls, tools: [patch], contextOf: () => context });
    expect(textOf((await call(readFile, { path: "notes.txt" }))["content"])).toBe(
      words.map((word) => `${word} done\n`).join(""),
    );
  });

  it("mean the same file as the terminal by the same relative path", async () => {
    const { call } = await newBench(runner);
    await call(terminal, { command: "mkdir -p project && cd project" });
    expect(await call(writeFile, { path: "src/deep/a.txt", content: "hello\n" })).toMatchObject({
      path: "src/deep/a.txt",
      created: true,
      bytes: 6,
      lines: 1,
    });
    expect(await call(terminal, { command: "cat src/deep/a.txt" })).toMatchObject({ output: "hello\n" });
    expect(await call(readFile, { path: "/workspace/project/src/deep/a.txt" })).toMatchObject({ content: "hello\n" });
    expect(await call(readFile, { path: "~/project/../project/src/deep/a.txt" })).toMatchObject({ content: "hello\n" });
  });

  describe("read_file", () => {
    it("pages by lines", async () => {
      const { call, shell } = await newBench(runner);
      await shell("seq 1 2500 > numbers");
      const first = await call(readFile, { path: "numbers" });
      expect(first).toMatchObject({ total_lines: 2500, next_offset: 2001 });
      expect(textOf(first["content"]).endsWith("\n2000\n")).toBe(true);
      expect(await call(readFile, { path: "numbers", offset: 2499 })).toEqual({
        content: "2499\n2500\n",
        total_lines: 2500,
      });
      expect(await call(readFile, { path: "numbers", offset: 3, limit: 2 })).toMatchObject({
        content: "3\n4\n",
        next_offset: 5,
      });
    });

    it("cuts long lines and stays under its size", async () => {
      const { call, shell } = await newBench(runner);
      await shell(`line=$(printf '%05000d' 7); i=0; while [ $i -lt 100 ]; do echo "$line"; i=$((i+1)); done > wide`);
      const result = await call(readFile, { path: "wide" });
      const content = textOf(result["content"]);
      expect(content.length).toBeLessThanOrEqual(100_000);
      expect(content.split("\n")[0]).toContain("line of 5000 characters cut");
      expect(result["next_offset"]).toBeGreaterThan(40);
    });

    it("shows an empty file as empty and a last line without an end as it is", async () => {
      const { call, shell } = await newBench(runner);
      await shell(": > empty; printf 'a\\nb' > open");
      expect(await call(readFile, { path: "empty" })).toEqual({ content: "", total_lines: 0 });
      expect(await call(readFile, { path: "open" })).toEqual({ content: "a\nb", total_lines: 2 });
    });

    it("suggests names like the one that is missing", async () => {
      const { call, shell } = await newBench(runner);
      await shell("mkdir src; touch src/settings.ts src/main.ts src/unrelated.md");
      expect(await call(readFile, { path: "src/setings.ts" })).toEqual({
        error: "src/setings.ts does not exist.",
        similar: ["src/settings.ts"],
      });
    });

    it("refuses what is no text file", async () => {
      const { call, shell } = await newBench(runner);
      await shell("mkdir folder; touch folder/inside; printf 'a\\000b' > binary");
      expect((await call(readFile, { path: "folder" }))["error"]).toBe("folder is a folder. It holds: inside");
      expect((await call(readFile, { path: "binary" }))["error"]).toMatch(
        /^binary is binary \(3 bytes, .+\): not shown\.$/,
      );
      expect((await call(readFile, { path: "folder/inside", offset: 5 }))["error"]).toContain("behind its end");
    });
  });

  describe("write_file", () => {
    it.each(["/etc/passwd", "/usr/x", "../outside", "../../workspace-not/x", "~/../x"])(
      "stays in the workspace: %s",
      async (path) => {
        const { call } = await newBench(runner);
        expect((await call(writeFile, { path, content: "x" }))["error"]).toContain("outside the workspace");
      },
    );

    it.each(["~/.talaria/x", ".talaria/jobs/a", "a/../.talaria/x"])(
      "does not write where our own state lives: %s",
      async (path) => {
        const { call, shell } = await newBench(runner);
        expect((await call(writeFile, { path, content: "x" }))["error"]).toContain("belongs to the program");
        expect(await shell("cat .talaria/x .talaria/jobs/a 2>/dev/null")).toBe("");
      },
    );

    it.each([
      ".env",
      "app/.env.local",
      "~/.ssh/config",
      ".aws/credentials",
      "certs/server.key",
      "a/../.npmrc",
      "~/.bashrc",
      ".git/hooks/pre-commit",
    ])("writes secrets and start-up files only where nobody else's are in reach: %s", async (path) => {
      const { call, shell, context, workspace } = await newBench(runner);
      const open = { ...context, workspace: async () => ({ ...workspace, isIsolated: false }) };
      const refused = await callTool(writeFile, { path, content: "x" }, open);
      expect(refused["error"]).toMatch(/and is not written\. If the person wants it, tell them/);
      expect(await shell("ls -A | grep -v talaria; true")).toBe("");
      expect(await call(writeFile, { path, content: "x" })).toMatchObject({ created: true });
    });

    it("writes templates of env files, and replaces a file without leaving anything beside it", async () => {
      const { call, shell } = await newBench(runner);
      await call(writeFile, { path: "d/.env.example", content: "A=1\n" });
      expect(await call(writeFile, { path: "d/.env.example", content: "A=2\nB=3" })).toMatchObject({
        created: false,
        lines: 2,
      });
      expect(await shell("ls -A d; cat d/.env.example")).toBe(".env.example\nA=2\nB=3");
    });

    it("does not overwrite a folder", async () => {
      const { call, shell } = await newBench(runner);
      await shell("mkdir folder");
      expect((await call(writeFile, { path: "folder", content: "x" }))["error"]).toBe("folder is a folder.");
    });
  });

  describe("patch", () => {
    it("replaces a unique text and shows the difference", async () => {
      const { call, shell } = await newBench(runner);
      await shell("printf 'one\\ntwo\\nthree\\nfour\\nfive\\n' > f");
      expect(await call(patch, { path: "f", old_string: "three", new_string: "3\n3b" })).toMatchObject({
        replacements: 1,
        diff: "--- f\n+++ f\n@@ -1,6 +1,7 @@\n one\n two\n-three\n+3\n+3b\n four\n five\n ",
      });
      expect(await shell("cat f")).toBe("one\ntwo\n3\n3b\nfour\nfive\n");
    });

    it("tells where an ambiguous text occurs, and replaces all when told to", async () => {
      const { call, shell } = await newBench(runner);
      await shell("printf 'a\\nb\\na\\n' > f");
      expect((await call(patch, { path: "f", old_string: "a", new_string: "c" }))["error"]).toContain(
        "2 times, at lines 1, 3",
      );
      expect(await call(patch, { path: "f", old_string: "a", new_string: "c$&", replace_all: true })).toMatchObject({
        replacements: 2,
      });
      expect(await shell("cat f")).toBe("c$&\nb\nc$&\n");
    });

    it("shows the nearest lines when the text is missing", async () => {
      const { call, shell } = await newBench(runner);
      await shell("printf 'const total = sum(items);\\nreturn x;\\n' > f");
      expect(await call(patch, { path: "f", old_string: "const totals = sum(item);", new_string: "y" })).toEqual({
        error: "old_string is not in f.",
        nearest: ["1: const total = sum(items);"],
      });
    });

    it("does not create files, touch secrets or edit what is no text", async () => {
      const { call, shell, context, workspace } = await newBench(runner);
      await shell("printf 'KEY=1\\n' > .env; printf 'a\\377b' > latin; printf 'a\\000b' > binary");
      expect((await call(patch, { path: "nope", old_string: "a", new_string: "b" }))["error"]).toBe(
        "nope does not exist.",
      );
      const open = { ...context, workspace: async () => ({ ...workspace, isIsolated: false }) };
      const secret = await callTool(patch, { path: ".env", old_string: "1", new_string: "2" }, open);
      expect(secret["error"]).toContain("holds a project's secrets and is not written");
      expect((await call(patch, { path: "binary", old_string: "a", new_string: "b" }))["error"]).toContain("not UTF-8");
      expect((await call(patch, { path: ".env", old_string: "1", new_string: "1" }))["error"]).toContain("the same");
    });
  });
});

const [bubblewrap] = toolRunners.filter(({ name }) => name === "bubblewrap");
describe.skipIf(bubblewrap === undefined)("the file tools where there are links and modes", () => {
  const bench = () => {
    if (bubblewrap === undefined) throw new Error("unreachable: the suite is skipped");
    return newBench(bubblewrap);
  };

  it("write through no link", async () => {
    const { call, shell } = await bench();
    await shell("ln -s /etc/passwd link; ln -s /usr out");
    expect((await call(writeFile, { path: "link", content: "x" }))["error"]).toContain("symbolic link to /etc/passwd");
    expect((await call(writeFile, { path: "out/x", content: "x" }))["error"]).toContain("outside the workspace (/usr)");
  });

  it("keep a program executable", async () => {
    const { call, shell } = await bench();
    await shell("printf '#!/bin/sh\\necho old\\n' > run; chmod +x run");
    await call(patch, { path: "run", old_string: "old", new_string: "new" });
    expect(await shell("./run")).toBe("new\n");
  });

  it("let nobody read a file who could not before", async () => {
    const { call, shell } = await bench();
    await shell("umask 022; printf 'old\\n' > private; chmod 600 private; printf 'old\\n' > shared; chmod 664 shared");
    await call(patch, { path: "private", old_string: "old", new_string: "new" });
    await call(writeFile, { path: "shared", content: "new\n" });
    const patchText = "*** Begin Patch\n*** Update File: private\n*** Move to: moved\n-new\n+newer\n*** End Patch";
    expect(await shell("stat -c '%a %n' private shared")).toBe("600 private\n664 shared\n");
    await call(patch, { patch: patchText });
    await call(writeFile, { path: "fresh", content: "new\n" });
    expect(await shell("stat -c '%a %n' moved fresh; cat moved")).toBe("600 moved\n644 fresh\nnewer\n");
  });

  it("do not hang on a device or a pipe", async () => {
    const { call, shell } = await bench();
    await shell("mkfifo pipe");
    expect((await call(readFile, { path: "/dev/zero" }))["error"]).toContain("not a regular file");
    expect((await call(readFile, { path: "pipe" }))["error"]).toContain("not a regular file");
  });
});
