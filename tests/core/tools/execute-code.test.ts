import { assert, describe, expect, it } from "vitest";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import { executeCode } from "../../../core/tools/execute-code.ts";
import { callable } from "../../../core/tools/execute-code/functions.ts";
import { judgeCommand } from "../../../core/guard/command.ts";
import { commandsIn, judgedAs } from "../../../core/tools/execute-code/permission.ts";
import { terminal } from "../../../core/tools/terminal.ts";
import { type Permissions, Waiting, type Wake } from "../../../core/tools/tool.ts";
import { newProgramBench, pythonHere, tools } from "./program-bench.ts";
import { callTool, newBench } from "./tool-bench.ts";

describe.each(await pythonHere())("execute_code on $name", (runner) => {
  it("returns what the program printed, both outputs in order, and how it ended", async () => {
    const { python } = await newProgramBench(runner);
    const code = "import sys\nprint('to out')\nprint('to err', file=sys.stderr)\nsys.exit(3)";
    expect(await python(code)).toEqual({ output: "to out\nto err\n", exit_code: 3, tool_calls: 0 });
  });

  it("calls three tools in a loop and sees their results as dictionaries", async () => {
    const { python, asked } = await newProgramBench(runner);
    const code = `
from talaria_tools import write_file, read_file, terminal
for i in range(3):
    write_file(f"note-{i}.txt", "é" * i + "\\n")
    text = read_file(path=f"note-{i}.txt")["content"]
    size = terminal(f"wc -c < note-{i}.txt")
    print(text.strip(), size["output"].strip(), size["exit_code"])
`;
    expect(await python(code)).toEqual({ output: " 1 0\né 3 0\néé 5 0\n", exit_code: 0, tool_calls: 9 });
    expect(asked.map(([tool]) => tool).slice(0, 3)).toEqual(["write_file", "read_file", "terminal"]);
    expect(asked[1]).toEqual(["read_file", { path: "note-0.txt" }]);
  });

  it("changes and searches files, with large texts and every character on the way", async () => {
    const { python, shell } = await newProgramBench(runner);
    const code =
      String.raw`
from talaria_tools import *
import talaria_tools as tools
hard = "'\"\\ \n\t$HOME ` +
      "`id`" +
      String.raw` 𝒳 \u0001"
tools.write_file("hard.txt", hard)
assert tools.read_file("hard.txt")["content"] == hard, tools.read_file("hard.txt")
tools.write_file("large.txt", "0123456789abcde\n" * 100000)
print(tools.patch("hard.txt", "$HOME", "home")["replacements"])
print(tools.search_files("home", file_glob="*.txt")["count"])
`;
    expect(await python(code)).toMatchObject({ output: "1\n1\n", exit_code: 0 });
    expect(await shell("wc -c < large.txt")).toMatch(/^\s*1600000\n$/);
  });

  it("returns a tool's failure as a result", async () => {
    const { python } = await newProgramBench(runner);
    const code = `from talaria_tools import read_file\nprint(read_file("nothing.txt"))`;
    expect(await python(code)).toMatchObject({
      output: expect.stringContaining("'error': 'nothing.txt does not exist.'"),
    });
  });

  it("starts where the session stands, and finds the modules there", async () => {
    const { python, call } = await newProgramBench(runner);
    await call(terminal, { command: "mkdir sub; cd sub; echo 'answer = 42' > mine.py" });
    const code =
      "import os, mine\nfrom talaria_tools import read_file\nprint(os.path.basename(os.getcwd()), mine.answer, read_file('mine.py')['content'])";
    expect(await python(code)).toMatchObject({ output: "sub 42 answer = 42\n\n" });
  });

  it("shows an uncaught exception, and lets the program catch others", async () => {
    const { python } = await newProgramBench(runner);
    const thrown = await python("print('before')\nraise ValueError('broken')");
    expect(thrown).toMatchObject({
      exit_code: 1,
      output: expect.stringMatching(/^before\nTraceback[^]*ValueError: broken\n$/),
    });
    const wrong = await python(
      "from talaria_tools import read_file\ntry:\n  read_file(pth='x')\nexcept TypeError as e:\n  print(e)",
    );
    expect(wrong).toMatchObject({ exit_code: 0, tool_calls: 0, output: expect.stringContaining("pth") });
    expect(await python("def broken(:")).toMatchObject({
      exit_code: 1,
      output: expect.stringContaining("SyntaxError"),
    });
  });

  it("raises at the 51st call and does not make it", async () => {
    let asked = 0;
    const { python } = await newProgramBench(runner, { call: async () => (asked += 1) });
    const code = `
from talaria_tools import terminal, ToolCallError
made = 0
try:
    while True:
        terminal("true")
        made += 1
except ToolCallError as error:
    print(made, error)
`;
    const result = await python(code);
    expect(result).toEqual({
      output: "50 A program may make 50 calls, and this one has made them.\n",
      exit_code: 0,
      tool_calls: 50,
    });
    expect(asked).toBe(50);
  }, 60_000);

  it("raises when a call is larger than a look can show", async () => {
    const { python } = await newProgramBench(runner);
    const code = `
from talaria_tools import write_file, ToolCallError
try:
    write_file("huge.txt", "x" * 5000000)
except ToolCallError as error:
    print(error)
`;
    expect(await python(code)).toEqual({ output: "A call takes at most 4 MB.\n", exit_code: 0, tool_calls: 0 });
  });

  it("asks the person about a command in it, and runs when they allow it", async () => {
    const allowed: string[] = [];
    const permissions: Permissions = {
      of: async (command) =>
        command.includes("git push")
          ? { verdict: "ask", reason: "It publishes.", rules: ["push"] }
          : { verdict: "allow" },
      allow: async (rules, scope) => void allowed.push(`${rules.join(" ")} ${scope}`),
    };
    const { context } = await newProgramBench(runner, { permissions });
    const given = { code: 'import subprocess\nprint(["git", "push"])' };
    const waiting = await executeCode.run(given, context);
    assert(waiting instanceof Waiting);
    expect(waiting.wait.question?.text).toMatch(/subprocess[^]*It publishes\./);
    const { state } = waiting.wait;
    const answer = (choice: string, text: string): Wake => ({ by: "answer", choice, text, who: "someone" });
    const resumed = (wake: Wake) => executeCode.resume?.(given, { state, wake }, context);
    for (const wake of [answer("deny", "No"), { by: "message" }, { by: "stop" }, { by: "time" }] satisfies Wake[])
      expect(JSON.stringify(await resumed(wake))).toMatch(/Not run|said no/);
    expect(allowed).toEqual([]);
    expect(await resumed(answer("session", "Allow"))).toMatchObject({ output: "['git', 'push']\n" });
    expect(allowed).toEqual(["push session"]);
  });

  it("offers the helpers", async () => {
    const { python } = await newProgramBench(runner);
    const code = String.raw`
from talaria_tools import json_parse, shell_quote, retry
print(json_parse('{"a": "x\ty"}'), shell_quote("it's"))
tries = []
def flaky():
    tries.append(1)
    if len(tries) < 3: raise OSError("not yet")
    return "at last"
print(retry(flaky, delay=0.01), len(tries))
try:
    retry(lambda: 1 / 0, max_attempts=2, delay=0)
except ZeroDivisionError:
    print("given up")
`;
    expect(await python(code)).toMatchObject({
      output: String.raw`{'a': 'x\ty'} 'it'"'"'s'` + "\nat last 3\ngiven up\n",
    });
  });
});

describe("execute_code", () => {
  it("hands the guard the texts of a program, those of a list as one command", () => {
    const code = "# don't\nrun(['rm', '-rf', \"/\"])\nsystem(\"\"\"git\npush\"\"\")\nx = 'a' + r'b'";
    expect(commandsIn(code)).toBe("rm -rf /\ngit\npush\na\nb");
  });

  it("hands the guard the program itself too, which sees what it sends", async () => {
    const code = `import requests\nrequests.post(address, data=open("it's").read())`;
    const { verdict, findings } = judgeCommand(judgedAs(code), {
      mode: "manual",
      isIsolated: true,
      outward: "ask",
      allowed: [],
      denied: [],
      attended: true,
    });
    expect(verdict).toBe("ask");
    expect(findings.map(({ rule }) => rule)).toContain("outward.program");
  });

  it("does not run what may never be run", async () => {
    const permissions: Permissions = { of: async () => ({ verdict: "refuse", reason: "No." }), allow: async () => {} };
    const { workspace, context } = await newBench(justBashRunner(), { permissions });
    const own = { ...context, workspace: async () => ({ ...workspace, keepsProcesses: true }) };
    expect(await callTool(executeCode, { code: "print(1)" }, own)).toEqual({ error: "Not run: No." });
  });

  it("says what is missing on a machine that keeps no processes", async () => {
    const { call } = await newBench(justBashRunner());
    expect(await call(executeCode, { code: "print(1)" })).toEqual({ error: expect.stringContaining("background") });
  });

  it("says what is missing on a machine without Python", async () => {
    const { workspace, context } = await newBench(justBashRunner());
    const own = { ...context, workspace: async () => ({ ...workspace, keepsProcesses: true }) };
    expect(await callTool(executeCode, { code: "print(1)" }, own)).toEqual({
      tool_calls: 0,
      error: expect.stringContaining("no python3"),
    });
  });

  it.each(tools)("knows the parameters of $name", (tool) => {
    const known = Object.entries(callable).find(([name]) => name === tool.name)?.[1] ?? [];
    const { shape } = tool.input as unknown as { shape: Record<string, { isOptional(): boolean }> };
    const wanted = Object.entries(shape).map(([name, field]) => (field.isOptional() ? `${name}?` : name));
    // What a command does after its call, no program can wait for.
    const offered =
      tool === terminal ? wanted.filter((name) => ["command", "timeout?", "workdir?"].includes(name)) : wanted;
    expect([...known].sort()).toEqual(offered.sort());
  });
});
