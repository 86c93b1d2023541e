import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/base/json.ts";
import { killJob, listJobs } from "../../../core/shells/jobs/jobs.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import { process as processTool } from "../../../core/tools/process.ts";
import { terminal } from "../../../core/tools/terminal.ts";
import { type ToolContext, Waiting, type Wake } from "../../../core/tools/tool.ts";
import { type Answer, doorbellsOf, newBench, textOf, toolRunners } from "./tool-bench.ts";

const bubblewrap = toolRunners.find(({ name }) => name === "bubblewrap");

describe.skipIf(bubblewrap === undefined)("background processes", () => {
  const setUp = async (changes: Partial<ToolContext> = {}) => {
    if (bubblewrap === undefined) throw new Error("unreachable: the suite is skipped");
    const log: string[] = [];
    const bench = await newBench(bubblewrap, { doorbells: doorbellsOf(log), ...changes });
    const start = async (command: string, more: object = {}) =>
      textOf((await bench.call(terminal, { command, background: true, ...more }))["process"]);
    const act = (action: string, id?: string, more: object = {}) =>
      bench.call(processTool, { action, ...(id !== undefined && { session_id: id }), ...more });
    const end = async () => {
      for (const { id } of await listJobs(bench.workspace)) await killJob(bench.workspace, id);
    };
    return { ...bench, log, start, act, end };
  };
  type Bench = Awaited<ReturnType<typeof setUp>>;

  async function until({ act }: Bench, id: string, output: string): Promise<void> {
    for (let tries = 0; tries < 100; tries++) {
      if ((await act("poll", id))["output"] === output) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await act("poll", id)).toMatchObject({ output });
  }

  it("are listed with how they are", async () => {
    const { act, start, end } = await setUp();
    expect(await act("list")).toEqual({ processes: [] });
    const id = await start("sleep 30");
    const failed = await start("exit 3");
    expect((await act("list"))["processes"]).toEqual([
      { process: id, command: "sleep 30", status: "running", started_at: expect.any(String), output_bytes: 0 },
      expect.objectContaining({ process: failed, status: "ended", exit_code: 3, ended_at: expect.any(String) }),
    ]);
    await end();
  });

  it("are known by any unambiguous beginning of their id", async () => {
    const { act, start, end } = await setUp();
    const id = await start("sleep 30");
    expect(await act("poll", id.slice(0, 20))).toMatchObject({ process: id });
    expect(await act("poll", id.slice(4, 20))).toMatchObject({ process: id });
    await start("sleep 30");
    expect((await act("poll", "job_"))["error"]).toContain("2 processes");
    expect((await act("poll", "nothing"))["error"]).toContain("no process nothing");
    expect((await act("kill"))["error"]).toContain("session_id");
    await end();
  });

  it("take input and answer it", async () => {
    const bench = await setUp();
    const { act, start } = bench;
    const id = await start('while read -r line; do echo "[$line]"; done; echo end');
    expect(await act("submit", id, { data: "one" })).toEqual({ process: id, status: "written" });
    await until(bench, id, "[one]\n");
    await act("write", id, { data: "tw" });
    await act("write", id, { data: "o\n" });
    await act("close", id);
    expect(await act("wait", id)).toMatchObject({ status: "ended", exit_code: 0, output: "[one]\n[two]\nend\n" });
    expect((await act("write", id, { data: "x" }))["error"]).toContain("has ended");
  });

  it("show the last lines of their output, or any others", async () => {
    const { act, start } = await setUp();
    const id = await start("seq 1 1000");
    await act("wait", id);
    const log = await act("log", id);
    expect(log).toMatchObject({ first_line: 801, total_lines: 1000, status: "ended" });
    expect(textOf(log["output"]).split("\n")).toHaveLength(201);
    expect(await act("log", id, { offset: 5, limit: 2 })).toMatchObject({ output: "5\n6\n" });
  });

  it("are killed on request, and then ring for nobody", async () => {
    const { act, start, log } = await setUp();
    const id = await start("sleep 30", { notify_on_complete: true });
    expect(await act("kill", id)).toMatchObject({ process: id, status: "ended", exit_code: 130 });
    expect(log).toEqual([`open ${id} tell`, `close ${id}`]);
  });

  it("are sent a signal and go on, or end as they do with it", async () => {
    const bench = await setUp();
    const { act, start, log, end } = bench;
    const program =
      "import time\nprint('on', flush=True)\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('clean')";
    const id = await start(`python3 -c "${program}"; exit 3`, { notify_on_complete: true });
    await until(bench, id, "on\n");
    expect(await act("kill", id, { signal: "STOP" })).toMatchObject({ status: "running", stopped: true });
    expect(await act("poll", id)).toMatchObject({ status: "running", stopped: true });
    const gone = await act("kill", id, { signal: "CONT" });
    expect([gone["status"], "stopped" in gone]).toEqual(["running", false]);
    expect(log).toEqual([`open ${id} tell`]);
    await act("kill", id, { signal: "INT" });
    expect(await act("wait", id)).toMatchObject({ status: "ended", exit_code: 3, output: "on\nclean\n" });
    expect(await act("kill", id, { signal: "INT" })).toMatchObject({
      status: "ended",
      exit_code: 3,
      note: expect.stringContaining("not sent"),
    });
    await end();
  });

  it("ring for nobody when a signal was seen to end them", async () => {
    const { act, start, log } = await setUp();
    const id = await start("sleep 30", { notify_on_complete: true });
    const first = await act("kill", id, { signal: "KILL" });
    const last = first["status"] === "ended" ? first : await act("wait", id);
    expect(last).toMatchObject({ status: "ended", exit_code: 137 });
    expect(log).toEqual(first["status"] === "ended" ? [`open ${id} tell`, `close ${id}`] : [`open ${id} tell`]);
  });

  it("are sent no signal that there is not", () => {
    const call = { action: "kill", session_id: "job_x", signal: "SEGV; rm -rf ~" };
    expect(processTool.input.safeParse(call).success).toBe(false);
  });

  describe("whose input is dangerous", () => {
    const asking = () => {
      const judged: string[] = [];
      const permissions: ToolContext["permissions"] = {
        of: async (command) => {
          judged.push(command);
          if (command.includes("never")) return { verdict: "refuse", reason: "Never that." };
          return command.includes("git push")
            ? { verdict: "ask", reason: "It pushes commits to others.", rules: ["push"] }
            : { verdict: "allow" };
        },
        allow: async () => {},
      };
      return { judged, permissions };
    };
    const resumed = async (input: object, asked: unknown, { wake, context }: { wake: Wake; context: ToolContext }) => {
      if (!(asked instanceof Waiting)) throw new Error(`no question but ${JSON.stringify(asked)}`);
      const state = JSON.parse(JSON.stringify(asked.wait.state)) as Json;
      return (await processTool.resume?.(processTool.input.parse(input), { state, wake }, context)) as Answer;
    };

    it.each(["write", "submit", "close"])("are told it by %s only when the person allows it", async (action) => {
      const { judged, permissions } = asking();
      const bench = await setUp({ permissions });
      const { act, start, context, end } = bench;
      const id = await start('while IFS= read -r line || [ -n "$line" ]; do echo "[$line]"; done');
      expect(await act(action, id, { data: "never" })).toEqual({ error: "Never that." });
      const call = { action, session_id: id, data: action === "write" ? "git push\n" : "git push" };
      const asked: unknown = await act(action, id, call);
      expect(asked instanceof Waiting && asked.wait.question?.text).toMatch(
        /running process `while[^]*git push[^]*others/,
      );
      const no: Wake = { by: "answer", choice: "deny", text: "No", who: "me" };
      expect(await resumed(call, asked, { wake: no, context })).toMatchObject({
        error: expect.stringContaining("said no"),
      });
      expect(await act("poll", id)).toMatchObject({ output: "" });
      const yes: Wake = { by: "answer", choice: "once", text: "Once", who: "me" };
      expect(await resumed(call, asked, { wake: yes, context })).toEqual({ process: id, status: "written" });
      await until(bench, id, "[git push]\n");
      expect(judged).toContain(call.data);
      await end();
    });

    it("are judged by the whole line when it comes in pieces", async () => {
      const { judged, permissions } = asking();
      const { act, start, end } = await setUp({ permissions });
      const id = await start("cat > /dev/null");
      await act("submit", id, { data: "ls" });
      await act("write", id, { data: "git \\\n" });
      await act("write", id, { data: "pu" });
      await act("write", id, { data: "ll" });
      await act("submit", id, { data: "" });
      await act("write", id, { data: "cd" });
      expect(judged.slice(1)).toEqual(["ls", "git \\\n", "git \\\npu", "git \\\npull", "cd"]);
      await act("submit", id, { data: "" });
      await act("write", id, { data: "git pu" });
      expect(await act("submit", id, { data: "sh" })).toBeInstanceOf(Waiting);
      await end();
    });

    it("are judged in the language that they read", async () => {
      const { judged, permissions } = asking();
      const { act, start, end } = await setUp({ permissions });
      const id = await start("python3 -i");
      await act("submit", id, { data: "print(1)" });
      expect(judged.at(-1)).toBe("python3 -c 'print(1)'\nprint(1)");
      await end();
    });
  });

  describe("that are waited for longer than a step has patience", () => {
    const resume = async (input: object, result: unknown, { wake, context }: { wake: Wake; context: ToolContext }) => {
      if (!(result instanceof Waiting)) throw new Error(`no wait but ${JSON.stringify(result)}`);
      const state = JSON.parse(JSON.stringify(result.wait.state)) as Json;
      return (await processTool.resume?.(processTool.input.parse(input), { state, wake }, context)) as Answer;
    };

    it("wake the call that waits", async () => {
      const { act, start, shell, context, log } = await setUp({ patienceMs: 200 });
      const id = await start("until [ -e go-on ]; do sleep 0.05; done; echo over");
      const call = { action: "wait", session_id: id, timeout: 600 };
      const waiting = await act("wait", id, { timeout: 600 });
      expect(log).toEqual([`open ${id} wake`]);
      const again = await resume(call, waiting, { wake: { by: "time" }, context });
      expect(again).toBeInstanceOf(Waiting);
      await shell("touch go-on; until grep -q ended .talaria/jobs/*/state; do sleep 0.05; done");
      const result = await resume(call, again, { wake: { by: "job" }, context });
      expect(result).toMatchObject({ process: id, status: "ended", exit_code: 0, output: "over\n" });
    });

    it("go on when the wait is over, and tell then if they were to tell", async () => {
      const { act, start, context, log, end } = await setUp({ patienceMs: 200 });
      const id = await start("sleep 60", { notify_on_complete: true });
      const waiting = await act("wait", id, { timeout: 600 });
      const call = { action: "wait", session_id: id, timeout: 600 };
      const result = await resume(call, waiting, { wake: { by: "message" }, context });
      expect(result).toMatchObject({ status: "running", note: expect.stringContaining("Still running") });
      expect(log).toEqual([`open ${id} tell`, `open ${id} wake`, `open ${id} tell`]);
      await end();
    });

    it("are not waited for longer than was said", async () => {
      const { act, start, end } = await setUp();
      const id = await start("sleep 60");
      expect(await act("wait", id, { timeout: 0.2 })).toMatchObject({ status: "running" });
      await end();
    });
  });
});

describe("the process tool in the simulated shell", () => {
  it("says that there are no background processes", async () => {
    const { call } = await newBench(justBashRunner());
    expect((await call(processTool, { action: "list" }))["error"]).toContain("no background processes");
  });
});
