import { describe, expect, it } from "vitest";
import { failureOf } from "../../../core/tools/files/run-script.ts";
import { patch } from "../../../core/tools/patch.ts";
import { readFile } from "../../../core/tools/read-file.ts";
import { searchFiles } from "../../../core/tools/search-files.ts";
import { writeFile } from "../../../core/tools/write-file.ts";
import { newBench, textOf, toolRunners } from "./tool-bench.ts";

// Put together here, so that no scanner takes this file for a leak.
const secret = ["ghp", "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3d"].join("_");
const file = `name: app\ntoken: ${secret}\nport: 80\n`;

it("are masked in what a program complained of, also where that is cut", () => {
  const end = { droppedBytes: 0, exitCode: 2, timedOut: false, interrupted: false };
  const { error } = failureOf("The search", { ...end, output: `${"x".repeat(484)} ${secret}` });
  expect(error).not.toContain(secret.slice(0, 8));
});

describe.each(toolRunners)("secrets in files on $name", (runner) => {
  const withFile = async () => {
    const bench = await newBench(runner);
    await bench.workspace.run("cat > app.yml", { timeoutMs: 15_000, stdin: file });
    return bench;
  };

  it("are masked in what is read, found and shown as a difference", async () => {
    const { call } = await withFile();
    const shown = [
      await call(readFile, { path: "app.yml" }),
      await call(searchFiles, { pattern: "token" }),
      await call(patch, { path: "app.yml", old_string: "port: 80", new_string: "port: 81" }),
      await call(patch, { path: "app.yml", old_string: "tokken: nonsense", new_string: "x" }),
    ];
    expect(JSON.stringify(shown)).not.toContain(secret);
    expect(shown[2]).toMatchObject({ replacements: 1 });
  });

  it("stay in the file to the byte when lines beside them are changed", async () => {
    const { call, shell } = await withFile();
    await call(patch, { path: "app.yml", old_string: "port: 80", new_string: "port: 81" });
    await call(patch, {
      patch: "*** Begin Patch\n*** Update File: app.yml\n@@\n-name: app\n+name: api\n*** End Patch",
    });
    expect(await shell("cat app.yml")).toBe(file.replace("80", "81").replace("app", "api"));
  });

  it("are not replaced by their masks, by no tool", async () => {
    const { call, shell } = await withFile();
    const shown = textOf((await call(readFile, { path: "app.yml" }))["content"]);
    const line = shown.split("\n")[1] ?? "";
    const hunk = `*** Begin Patch\n*** Update File: app.yml\n@@\n name: app\n-${line}\n+token: x\n*** End Patch`;
    for (const result of [
      await call(patch, { path: "app.yml", old_string: line, new_string: "token: x" }),
      await call(patch, { path: "app.yml", old_string: "port: 80", new_string: `port: 80\nold: ${line}` }),
      await call(patch, { patch: hunk }),
      await call(writeFile, { path: "app.yml", content: shown.replace("80", "81") }),
    ]) {
      expect(result["error"]).toContain("stands for a secret of app.yml that you are not shown");
    }
    expect(await shell("cat app.yml")).toBe(file);
  });

  it("do not keep ordinary stars and dots from being written", async () => {
    const { call } = await withFile();
    expect(await call(writeFile, { path: "app.yml", content: "# *** wait… what ***\n" })).toMatchObject({
      created: false,
    });
  });
});
