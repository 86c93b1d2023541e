import { describe, expect, it } from "vitest";
import { searchFiles } from "../../../core/tools/search-files.ts";
import { newBench, type ToolBench, toolRunners } from "./tool-bench.ts";

const files = `
mkdir -p src/deep node_modules/lib .git
printf 'alpha\\nbeta needle\\ngamma\\n' > src/a.ts
printf 'needle one\\nneedle two\\n' > src/deep/b.md
printf 'needle\\n' > node_modules/lib/c.ts
printf 'needle\\n' > .git/d.ts
printf 'a(b\\n' > "src/it's odd.txt"`;

describe.each(toolRunners)("search_files on $name", (runner) => {
  const withFiles = async (): Promise<ToolBench> => {
    const bench = await newBench(runner);
    await bench.shell(files);
    return bench;
  };
  const lines = (result: Record<string, unknown>) => String(result["results"]).split("\n").sort();

  it("finds lines with their paths and numbers, and skips folders of other people's files", async () => {
    const { call } = await withFiles();
    const result = await call(searchFiles, { pattern: "need.e" });
    expect(lines(result)).toEqual([
      "src/a.ts:2:beta needle",
      "src/deep/b.md:1:needle one",
      "src/deep/b.md:2:needle two",
    ]);
    expect(result).toMatchObject({ count: 3 });
    expect(result).not.toHaveProperty("next_offset");
  });

  it("keeps to a folder, a file or a glob", async () => {
    const { call } = await withFiles();
    expect(lines(await call(searchFiles, { pattern: "needle", file_glob: "*.ts" }))).toEqual([
      "src/a.ts:2:beta needle",
    ]);
    expect(await call(searchFiles, { pattern: "needle", path: "src/deep" })).toMatchObject({ count: 2 });
    expect(lines(await call(searchFiles, { pattern: "needle", path: "src/a.ts" }))).toEqual(["src/a.ts:2:beta needle"]);
  });

  it("lists files or counts", async () => {
    const { call } = await withFiles();
    expect(lines(await call(searchFiles, { pattern: "needle", output_mode: "files_only" }))).toEqual([
      "src/a.ts",
      "src/deep/b.md",
    ]);
    expect(lines(await call(searchFiles, { pattern: "needle", output_mode: "count" }))).toEqual([
      "src/a.ts:1",
      "src/deep/b.md:2",
    ]);
  });

  it("shows lines around a match", async () => {
    const { call } = await withFiles();
    expect(lines(await call(searchFiles, { pattern: "needle", path: "src/a.ts", context: 1 }))).toEqual([
      "src/a.ts-1-alpha",
      "src/a.ts-3-gamma",
      "src/a.ts:2:beta needle",
    ]);
  });

  it("pages", async () => {
    const { call, shell } = await newBench(runner);
    await shell("seq 1 120 > numbers");
    expect(await call(searchFiles, { pattern: "[0-9]" })).toMatchObject({ count: 50, next_offset: 50 });
    const last = await call(searchFiles, { pattern: "[0-9]", offset: 100 });
    expect(last).toMatchObject({ count: 20 });
    expect(last).not.toHaveProperty("next_offset");
  });

  it("finds files by name", async () => {
    const { call } = await withFiles();
    expect(lines(await call(searchFiles, { target: "files", pattern: "*.md" }))).toEqual(["src/deep/b.md"]);
    expect(lines(await call(searchFiles, { target: "files", pattern: "it's*" }))).toEqual(["src/it's odd.txt"]);
    expect(lines(await call(searchFiles, { target: "files", pattern: "deep/*" }))).toEqual(["src/deep/b.md"]);
  });

  it("says that it found nothing without calling it a failure", async () => {
    const { call } = await withFiles();
    expect(await call(searchFiles, { pattern: "nowhere-to-be-found" })).toEqual({ count: 0, results: "" });
    expect(await call(searchFiles, { target: "files", pattern: "*.nope" })).toEqual({ count: 0, results: "" });
  });

  it("reports a pattern that is no regular expression, and a path that does not exist", async () => {
    const { call } = await withFiles();
    expect((await call(searchFiles, { pattern: "a(b" }))["error"]).toContain("The search failed");
    expect((await call(searchFiles, { pattern: "x", path: "nope" }))["error"]).toBe("nope does not exist.");
    expect(await call(searchFiles, { pattern: String.raw`a\(b` })).toMatchObject({ count: 1 });
  });

  it("shows what it found beside what it could not read", async () => {
    const { call, shell } = await withFiles();
    await shell("mkdir src/closed; printf 'needle\\n' > src/closed.ts; chmod 000 src/closed src/closed.ts");
    // The simulated shell reads whatever is there.
    if ((await shell("cat src/closed.ts")).includes("needle")) return;
    const inText = await call(searchFiles, { pattern: "needle", path: "src" });
    expect(lines(inText)).toEqual([
      "src/a.ts:2:beta needle",
      "src/deep/b.md:1:needle one",
      "src/deep/b.md:2:needle two",
    ]);
    expect(inText).toMatchObject({ count: 3, error: expect.stringContaining("src/closed.ts: Permission denied") });
    const byName = await call(searchFiles, { target: "files", pattern: "*.md" });
    expect(lines(byName)).toEqual(["src/deep/b.md"]);
    expect(byName["error"]).toMatch(/^Not all was searched: find: .*src\/closed/);
    expect(await call(searchFiles, { pattern: "needle", path: "src/closed.ts" })).toEqual({
      error: expect.stringContaining("Permission denied"),
    });
  });
});
