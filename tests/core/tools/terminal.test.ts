import { describe, expect, it } from "vitest";
import { terminal } from "../../../core/tools/terminal.ts";
import { meaningOf } from "../../../core/tools/terminal/exit-codes.ts";
import { refusalOf } from "../../../core/tools/terminal/guard.ts";
import { readFile } from "../../../core/tools/read-file.ts";
import { newBench, textOf, toolRunners } from "./tool-bench.ts";

describe.each(toolRunners)("terminal on $name", (runner) => {
  it("returns output and exit code, and nothing else when there is nothing to say", async () => {
    const { call } = await newBench(runner);
    expect(await call(terminal, { command: "echo hello" })).toEqual({ output: "hello\n", exit_code: 0 });
  });

  it("names the folder only when the command changed it", async () => {
    const { call } = await newBench(runner);
    expect(await call(terminal, { command: "mkdir sub; cd sub" })).toMatchObject({ cwd: "/workspace/sub" });
    expect(await call(terminal, { command: "export WHO=me; pwd" })).toEqual({
      output: "/workspace/sub\n",
      exit_code: 0,
    });
    expect(await call(terminal, { command: "echo $WHO" })).toEqual({ output: "me\n", exit_code: 0 });
  });

  it("explains an exit code that is not a failure", async () => {
    const { call } = await newBench(runner);
    expect(await call(terminal, { command: "echo a | grep b" })).toEqual({
      output: "",
      exit_code: 1,
      exit_code_meaning: "no lines matched",
    });
  });

  it("ends a command at its time-out and says so", async () => {
    const { call } = await newBench(runner);
    const result = await call(terminal, { command: "sleep 20", timeout: 0.3 });
    expect(result).toMatchObject({ exit_code: 124 });
    expect(result["exit_code_meaning"]).toContain("timed out after 0.3 s");
  });

  it("ends a command when the turn is interrupted", async () => {
    const controller = new AbortController();
    const { call } = await newBench(runner, { signal: controller.signal });
    const running = call(terminal, { command: "sleep 20" });
    controller.abort();
    expect(await running).toMatchObject({ exit_code: 130, exit_code_meaning: expect.stringContaining("interrupted") });
  });

  it("removes colours", async () => {
    const { call } = await newBench(runner);
    expect(
      await call(terminal, { command: String.raw`printf '\033[31mred\033[0m \033]0;title\007end\n'` }),
    ).toMatchObject({
      output: "red end\n",
    });
  });

  it("shows the two ends of a long output and keeps the whole where read_file finds it", async () => {
    const { call, shell } = await newBench(runner);
    const result = await call(terminal, { command: "seq 1 20000" });
    const output = textOf(result["output"]);
    expect(output.startsWith("1\n2\n")).toBe(true);
    expect(output.endsWith("19999\n20000\n")).toBe(true);
    expect(output.length).toBeLessThan(50_100);
    expect(output.indexOf("[…")).toBe(20_001);
    expect(result).toMatchObject({ output_total_chars: 108_894, full_output_path: "~/.talaria/outputs/call_1.txt" });
    expect(await shell("wc -c < .talaria/outputs/call_1.txt")).toMatch(/^\s*108894\n$/);
    expect(await call(readFile, { path: result["full_output_path"], offset: 20_000 })).toMatchObject({
      content: "20000\n",
    });
  });

  it("refuses a time-out of nothing or of too much, with advice", async () => {
    const { call } = await newBench(runner);
    expect((await call(terminal, { command: "true", timeout: 0 }))["error"]).toContain("positive");
    expect((await call(terminal, { command: "true", timeout: -5 }))["error"]).toContain("positive");
    expect((await call(terminal, { command: "true", timeout: 601 }))["error"]).toContain("Split the work");
  });
});

describe("commands that would not end", () => {
  it.each([
    "sleep 100 &",
    "npm start",
    "cd app && npm run dev",
    "PORT=3000 python3 -m http.server",
    "nohup ./work.sh",
    "setsid work",
    "tail -f log",
    "docker compose up",
    "echo x; uvicorn app:app",
    "npx vite",
    "flask run --port 1",
  ])("are refused with guidance: %s", (command) => {
    expect(refusalOf(command)).toContain("Nothing outlives its command");
  });

  it.each([
    "echo 'npm start'",
    "npm start & sleep 3; curl -s localhost:3000",
    "timeout 5 npm run dev",
    "npm run build && npm test",
    "npx vite build",
    "grep -rn nohup-like src",
    "cat <<END > run.sh\nnohup server &\nEND",
    "docker compose up -d",
    "# npm start\nls",
    "echo a && echo b",
    "make 2>&1",
    "npm start --help",
    "tail -n 5 log",
  ])("are told from others: %s", (command) => {
    expect(refusalOf(command)).toBeUndefined();
  });
});

describe("exit codes", () => {
  it.each([
    [1, "cd src && grep -rn x .", "no lines matched"],
    [1, "diff a b", "the files differ"],
    [1, "[ -f x ]", "the condition is false"],
    [1, "LANG=C /usr/bin/grep x y", "no lines matched"],
    [127, "nope", "command not found"],
    [1, "false", undefined],
    [0, "grep x y", undefined],
  ])("%i of %s means %s", (code, command, meaning) => {
    expect(meaningOf(code, command)).toBe(meaning);
  });
});
