import { describe, expect, it } from "vitest";
import { declareSecrets } from "../../../core/guard/declared-secrets.ts";
import { withPassthrough } from "../../../core/shells/passthrough.ts";
import { executeCode } from "../../../core/tools/execute-code.ts";
import { newProgramBench, newSleep, programFolders, pythonHere, untilGone, untilSeen } from "./program-bench.ts";
import { callTool, textOf } from "./tool-bench.ts";

describe.each(await pythonHere())("a program on $name", (runner) => {
  it("ends a program at its time, with what it said until then and everything it started", async () => {
    const { limited, shell } = await newProgramBench(runner);
    const seconds = newSleep();
    const code = `
import subprocess, time
subprocess.Popen(["setsid", "bash", "-c", "sleep ${seconds} & wait"])
subprocess.Popen("(sleep ${seconds} &)", shell=True, start_new_session=True)
print("waiting")
time.sleep(${seconds})
`;
    expect(await limited(code, { seconds: 1 })).toEqual({
      output: "waiting\n",
      exit_code: 124,
      tool_calls: 0,
      error: "Stopped after 1 s with everything it started. Let one program do less.",
    });
    await untilGone(seconds);
    expect(await shell(programFolders)).toBe("");
  });

  it("ends a program that waits for a tool when its time is over", async () => {
    const { limited, asked } = await newProgramBench(runner);
    const result = await limited("from talaria_tools import terminal\nterminal('sleep 50')", { seconds: 2 });
    expect(result).toMatchObject({ exit_code: 124, tool_calls: 1 });
    expect(asked).toEqual([["terminal", { command: "sleep 50", timeout: expect.any(Number) }]]);
  });

  it("ends what a program left behind when it ends itself", async () => {
    const { python } = await newProgramBench(runner);
    const seconds = newSleep();
    const code = `import subprocess\nsubprocess.Popen("setsid sleep ${seconds} &", shell=True)\nprint("done")`;
    expect(await python(code)).toEqual({ output: "done\n", exit_code: 0, tool_calls: 0 });
    await untilGone(seconds);
  });

  it.each(["that computes", "that waits for a tool"])(
    "ends a program %s when the turn is interrupted",
    async (which) => {
      const controller = new AbortController();
      const seconds = newSleep();
      const interrupt = async () => {
        await untilSeen(seconds);
        controller.abort();
        return {};
      };
      const { python, shell } = await newProgramBench(runner, { signal: controller.signal, call: interrupt });
      const wait = which === "that computes" ? `time.sleep(${seconds})` : "terminal('anything')";
      const code = `
import subprocess, time
from talaria_tools import terminal
print("started")
subprocess.Popen(["setsid", "sleep", "${seconds}"])
${wait}
`;
      const running = python(code);
      if (which === "that computes") {
        await untilSeen(seconds);
        controller.abort();
      }
      expect(await running).toMatchObject({
        error: expect.stringContaining("Interrupted"),
        output: "started\n",
        exit_code: 130,
      });
      await untilGone(seconds);
      expect(await shell(programFolders)).toBe("");
    },
  );

  it("shows the two ends of a huge output", async () => {
    const { python } = await newProgramBench(runner);
    const result = await python("print('\\n'.join(f'{i} é' for i in range(3_000_000)))");
    const output = textOf(result["output"]);
    expect(output.startsWith("0 é\n1 é\n")).toBe(true);
    expect(output.endsWith("2999999 é\n")).toBe(true);
    expect(output).toMatch(/\n\[… \d{8} characters left out …\]\n/);
    expect(output).not.toContain("\uFFFD");
    expect(output.length).toBeLessThan(50_100);
    expect(output.indexOf("[…")).toBeCloseTo(20_000, -2);
  });

  it("ends a program whose output has no end, with a clear error", async () => {
    const { python, shell } = await newProgramBench(runner);
    const result = await python("line = 'flood ' * 10_000\nwhile True: print(line)");
    expect(result).toMatchObject({ exit_code: 153, error: expect.stringContaining("more than 1 GB of output") });
    expect(textOf(result["output"])).toMatch(/^flood flood .*left out/s);
    expect(await shell(programFolders)).toBe("");
  }, 60_000);

  it.each(["x", "語"])("shows no half of a secret that was cut in two, among “%s”", async (filler) => {
    const { python } = await newProgramBench(runner);
    const code = `
secret = "ghp_" + "a1B2c3D4e5F6" * 3
# One after the other, so that both ends of the gap fall into one wherever it is.
print(" ".join(secret + "${filler}" * (number % 7) for number in range(20_000)))
`;
    const output = textOf((await python(code))["output"]);
    expect(output).toContain("left out");
    expect(output.match(/[a1B2c3D4e5F6]{12,}/g)).toBeNull();
  });

  it("masks secrets in the output", async () => {
    const { python } = await newProgramBench(runner);
    const result = await python("print('ghp_' + 'a1B2c3D4e5F6' * 3)");
    expect(result["output"]).not.toContain("a1B2c3D4e5F6a1B2c3D4e5F6");
  });

  it("hands over the environment without what looks like a secret", async () => {
    const { workspace, context, call } = await newProgramBench(runner);
    const exports = "export MY_API_KEY=no github_token=no DB_PASSWORD=no FLAVOUR=sweet\n";
    const withSecrets = {
      ...workspace,
      run: (script: string, options: Parameters<typeof workspace.run>[1]) => workspace.run(exports + script, options),
    };
    const code = `
import os
print(sorted(name for name in os.environ if name in ("MY_API_KEY", "github_token", "DB_PASSWORD", "FLAVOUR", "HOME")))
print([pid for pid in (os.getpid(), os.getppid()) if b"API_KEY" in open(f"/proc/{pid}/environ", "rb").read()])
`;
    expect(await call(executeCode, { code })).toMatchObject({ exit_code: 0 });
    const own = { ...context, workspace: async () => withSecrets };
    expect(await callTool(executeCode, { code }, own)).toMatchObject({ output: "['FLAVOUR', 'HOME']\n[]\n" });
  });

  it("hands over what the operator passes, in the environment alone, and masks it in the output", async () => {
    const { workspace, context, shell } = await newProgramBench(runner);
    const value = "no-form-that-is-known";
    declareSecrets([value]);
    const passed = withPassthrough(workspace, [{ name: "SHOP_TOKEN", value }]);
    const own = { ...context, workspace: async () => passed };
    const code =
      "import os\nprint(len(os.environ['SHOP_TOKEN']), os.environ['SHOP_TOKEN'], os.environ.get('OTHER_TOKEN'))";
    expect(await callTool(executeCode, { code }, own)).toMatchObject({ output: "21 *** None\n" });
    expect(await shell("grep -r no-form . ; echo end")).toBe("end\n");
  });

  it("makes no call but the five, whatever the program writes into the pipe", async () => {
    const { python, asked } = await newProgramBench(runner);
    const code = `
import talaria_tools as tools
for name in ["memory", "execute_code", "toString", "__proto__"]:
    try:
        tools._call(name, content="x")
    except tools.ToolCallError as error:
        print(error)
try:
    tools._exchange("not json")
except Exception as error:
    print(error)
print(sorted(name for name in dir(tools) if not name.startswith("_")))
`;
    const result = await python(code);
    expect(asked).toEqual([]);
    expect(textOf(result["output"]).match(/A program cannot call this\./g)).toHaveLength(4);
    expect(result).toMatchObject({ exit_code: 0, tool_calls: 0 });
  });

  it("fails with a reason when the program kills what watches it", async () => {
    const { python } = await newProgramBench(runner);
    const code = "import os, signal, time\nprint('x')\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(30)";
    expect(await python(code)).toEqual({ tool_calls: 0, error: expect.stringContaining("killed from outside") });
  });

  it("does not mix programs that run at once, nor the threads and children of one", async () => {
    const { python } = await newProgramBench(runner);
    const code = (name: string) => `
import multiprocessing, threading
from talaria_tools import terminal
def ask(word):
    output = terminal(f"echo ${name} {word}")["output"]
    assert output == f"${name} {word}\\n", output
threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
children = [multiprocessing.Process(target=ask, args=(10 + i,)) for i in range(3)]
for one in children + threads: one.start()
for one in children + threads: one.join()
assert all(child.exitcode == 0 for child in children)
ask("last")
print("${name}")
`;
    const names = ["first", "second", "third"];
    const results = await Promise.all(names.map((name) => python(code(name))));
    expect(results).toEqual(names.map((name) => ({ output: `${name}\n`, exit_code: 0, tool_calls: 8 })));
  });
});
