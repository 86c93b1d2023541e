import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../core/base/clock.ts";
import type { Json } from "../../../core/base/json.ts";
import { killJob, listJobs, lookAtJob } from "../../../core/shells/jobs/jobs.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import type { Workspace } from "../../../core/shells/shell.ts";
import { terminal } from "../../../core/tools/terminal.ts";
import { meaningOf } from "../../../core/tools/terminal/exit-codes.ts";
import { refusalOf } from "../../../core/tools/terminal/guard.ts";
import { readFile } from "../../../core/tools/read-file.ts";
import {
  type Permission,
  type Permissions,
  type ToolContext,
  type Wait,
  Waiting,
  type Wake,
} from "../../../core/tools/tool.ts";
import { type Answer, callTool, doorbellsOf, newBench, textOf, toolRunners } from "./tool-bench.ts";

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

  it("ends a command whose output has no end, and says what to do instead", async () => {
    // A gigabyte takes its time where others work too.
    const { call, workspace } = await newBench(runner, { patienceMs: 80_000 });
    const result = await call(terminal, { command: `cd /tmp; awk 'BEGIN { while (1) print "flood" }'`, timeout: 120 });
    if (workspace.keepsProcesses) {
      expect(result).toMatchObject({ exit_code: 153, error: expect.stringContaining("Send so much to a file") });
      expect(textOf(result["output"])).toContain("left out");
    } else {
      expect(result).toMatchObject({ exit_code: 137, output: expect.stringContaining("memory") });
    }
    expect(await call(terminal, { command: "pwd" })).toMatchObject({ output: "/workspace\n" });
  }, 90_000);

  it("refuses to wait longer than the machine lives", async () => {
    const { workspace, context } = await newBench(runner);
    const mortal = { ...workspace, lifetime: { endsAt: Date.now() + 8 * 3_600_000, longestMs: 8 * 3_600_000 } };
    const call = { command: "true", timeout: 9 * 3_600 };
    const late = await callTool(terminal, call, { ...context, workspace: async () => mortal });
    expect(late["error"]).toContain("lives 28800 seconds at most");
  });

  it("asks for a machine that lasts as long as the command may take", async () => {
    const { workspace, context } = await newBench(runner);
    const asked: (number | undefined)[] = [];
    const lasting = async (forMs?: number) => {
      asked.push(forMs);
      return workspace;
    };
    await callTool(terminal, { command: "true", timeout: 500 }, { ...context, workspace: lasting });
    expect(asked).toEqual([500_000]);
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
    const { call, shell, workspace } = await newBench(runner);
    const result = await call(terminal, { command: "seq 1 20000" });
    if (workspace.keepsProcesses) expect(await listJobs(workspace)).toEqual([]);
    const output = textOf(result["output"]);
    expect(output.startsWith("1\n2\n")).toBe(true);
    expect(output.endsWith("19999\n20000\n")).toBe(true);
    expect(output.length).toBeLessThan(50_100);
    expect(output.indexOf("[…")).toBe(20_001);
    expect(result).toMatchObject({ output_total_bytes: 108_894, full_output_path: "~/.talaria/outputs/call_1.txt" });
    expect(await shell("wc -c < .talaria/outputs/call_1.txt")).toMatch(/^\s*108894\n$/);
    expect(await call(readFile, { path: result["full_output_path"], offset: 20_000 })).toMatchObject({
      content: "20000\n",
    });
  });

  it("refuses a time-out of nothing or of too much, with advice", async () => {
    const { call } = await newBench(runner);
    expect((await call(terminal, { command: "true", timeout: 0 }))["error"]).toContain("positive");
    expect((await call(terminal, { command: "true", timeout: -5 }))["error"]).toContain("positive");
    expect((await call(terminal, { command: "true", timeout: 86_401 }))["error"]).toContain("Split the work");
  });
});

const bubblewrap = toolRunners.find(({ name }) => name === "bubblewrap");

/** A call that waits, and what goes on when something happens to it. */
function waitOf(result: unknown): { wait: Wait; state: Json } {
  if (!(result instanceof Waiting)) throw new Error(`no wait but ${JSON.stringify(result)}`);
  return { wait: result.wait, state: JSON.parse(JSON.stringify(result.wait.state)) as Json };
}

const run = (input: object, context: ToolContext) => terminal.run(terminal.input.parse(input), context);

const resume = async (input: object, result: unknown, wake: Wake, context: ToolContext) =>
  terminal.resume?.(terminal.input.parse(input), { state: waitOf(result).state, wake }, context);

describe.skipIf(bubblewrap === undefined)("a command that outlives its step", () => {
  const setUp = async (changes: Partial<ToolContext> = {}) => {
    if (bubblewrap === undefined) throw new Error("unreachable: the suite is skipped");
    const log: string[] = [];
    const bench = await newBench(bubblewrap, { patienceMs: 200, doorbells: doorbellsOf(log), ...changes });
    onTestFinished(async () => {
      for (const { id, status } of await listJobs(bench.workspace))
        if (status === "running") await killJob(bench.workspace, id);
    });
    return { log, ...bench };
  };
  const ends = { command: "echo first; until [ -e go-on ]; do sleep 0.05; done; cd /tmp; echo second", timeout: 3_600 };

  it("waits, is looked at when its job rings, and comes to the result of any command", async () => {
    const { context, shell, log, workspace } = await setUp();
    const before = context.clock.now();
    const waiting = await run(ends, context);
    const { wait } = waitOf(waiting);
    expect(wait.question).toBeUndefined();
    expect(wait.until).toBeGreaterThanOrEqual(before + 3_660_000);
    expect(log).toEqual([expect.stringMatching(/^open job_\S+ wake$/)]);
    const again = await resume(ends, waiting, { by: "time" }, context);
    await shell("touch go-on");
    const [job] = await listJobs(workspace);
    await lookAtJob(workspace, job?.id ?? "", { waitMs: 20_000 });
    const result = await resume(ends, again, { by: "job" }, context);
    expect(result).toEqual({ output: "first\nsecond\n", exit_code: 0, cwd: "/tmp" });
    expect(log.at(-1)).toBe(`close ${job?.id}`);
    // After a crash before it was saved, the same comes out.
    expect(await resume(ends, again, { by: "time" }, context)).toEqual(result);
  });

  /** Whoever has no network cannot ring: a machine as on an engine that keeps its containers to themselves. */
  const unheard = (workspace: Workspace): Workspace => {
    const { spool: _, ...rest } = workspace;
    return { ...rest, network: { kind: "closed" } };
  };

  it("is looked at from time to time where its machine cannot ring", async () => {
    let now = Date.now();
    const { context, shell, workspace } = await setUp({ clock: { ...systemClock, now: () => now } });
    const cutOff = { ...context, workspace: async () => unheard(workspace) };
    const waiting = await run(ends, cutOff);
    expect(waitOf(waiting).wait.until).toBe(now + 15_000);
    now += 600_000;
    const again = await resume(ends, waiting, { by: "time" }, cutOff);
    expect(waitOf(again).wait.until).toBe(now + 120_000);
    now += 2_000_000;
    const late = await resume(ends, again, { by: "time" }, cutOff);
    expect(waitOf(late).wait.until).toBe(now + 300_000);
    await shell("touch go-on");
    const [job] = await listJobs(workspace);
    await lookAtJob(workspace, job?.id ?? "", { waitMs: 20_000 });
    expect(await resume(ends, late, { by: "time" }, cutOff)).toMatchObject({ output: "first\nsecond\n" });
  });

  it("says in the background what is told late, or not at all, where its machine cannot ring", async () => {
    const { context, workspace } = await setUp();
    const started = async (from: Workspace, more: object) =>
      (await run(
        { command: "sleep 30", background: true, ...more },
        { ...context, workspace: async () => from },
      )) as Answer;
    const told = await started(unheard(workspace), { notify_on_complete: true });
    const untold = await started(unheard(workspace), {});
    const heard = await started(workspace, { notify_on_complete: true });
    expect([told, untold, heard].map(({ note }) => note)).toEqual([
      expect.stringContaining("some minutes late"),
      undefined,
      undefined,
    ]);
    for (const { process } of [told, untold, heard]) await killJob(workspace, textOf(process));
  });

  it("goes on in the background when the person writes meanwhile", async () => {
    const { context, log } = await setUp();
    const waiting = await run(ends, context);
    const result = (await resume(ends, waiting, { by: "message" }, context)) as Answer;
    expect(result).toMatchObject({
      status: "running",
      output: "first\n",
      note: expect.stringContaining("told when it ends"),
    });
    expect(log.at(-1)).toBe(`open ${textOf(result["process"])} tell`);
  });

  it("is ended when the person says stop", async () => {
    const { context, workspace } = await setUp();
    const waiting = await run(ends, context);
    expect(await resume(ends, waiting, { by: "stop" }, context)).toMatchObject({ exit_code: 130 });
    expect(await listJobs(workspace)).toMatchObject([{ status: "ended" }]);
  });

  it("is killed when it still runs ten minutes after its time, whatever was to end it", async () => {
    let now = Date.now();
    const { context, log, workspace } = await setUp({ clock: { ...systemClock, now: () => now } });
    const waiting = await run(ends, context);
    now += 3_600_000 + 9 * 60_000;
    const again = await resume(ends, waiting, { by: "time" }, context);
    expect(again).toBeInstanceOf(Waiting);
    now += 60_000;
    expect(await resume(ends, again, { by: "time" }, context)).toMatchObject({ exit_code: 130 });
    expect(log.at(-1)).toMatch(/^close /);
    expect(await listJobs(workspace)).toMatchObject([{ status: "ended" }]);
  });

  it("is over with an error when its machine lost it", async () => {
    const { context, shell, workspace } = await setUp();
    const waiting = await run(ends, context);
    const [job] = await listJobs(workspace);
    await killJob(workspace, job?.id ?? "");
    await shell("rm -rf .talaria/jobs");
    const result = (await resume(ends, waiting, { by: "time" }, context)) as Answer;
    expect(result["error"]).toContain("unknown");
  });

  it("says what happened to the machine", async () => {
    const { context, workspace } = await setUp();
    const noticed = { ...context, workspace: async () => ({ ...workspace, notice: "It is a new one." }) };
    expect(await run({ command: "echo hi" }, noticed)).toMatchObject({ machine_notice: "It is a new one." });
  });

  it("started in the background returns at once, and tells only whoever wants it", async () => {
    const { context, call, log, workspace } = await setUp();
    const silent = await call(terminal, { command: "sleep 30", background: true });
    expect(silent).toEqual({ process: expect.stringMatching(/^job_/), status: "running" });
    expect(log).toEqual([]);
    const told = await call(terminal, {
      command: "npm() { sleep 30; }; npm start",
      background: true,
      notify_on_complete: true,
    });
    expect(log).toEqual([`open ${textOf(told["process"])} tell`]);
    await call(terminal, { command: "sleep 30", background: true, watch_patterns: ["x"] });
    expect(log).toHaveLength(2);
    // Looked at for a moment only, in which a busy machine may not have begun it.
    const tries: unknown[] = [];
    while (tries.length < 10 && !tries.some((answer) => JSON.stringify(answer).includes("ended")))
      tries.push(await run({ command: "nope", background: true }, context));
    expect(tries.at(-1)).toMatchObject({ status: "ended", exit_code: 127 });
    for (const { id } of await listJobs(workspace)) await killJob(workspace, id);
  });
});

describe("a background command in the simulated shell", () => {
  it("is refused with the reason", async () => {
    const { call } = await newBench(justBashRunner());
    expect((await call(terminal, { command: "sleep 1", background: true }))["error"]).toContain(
      "no background processes",
    );
    expect((await call(terminal, { command: "true", timeout: 601 }))["error"]).toContain("at most 600");
  });
});

describe("a command that needs permission", () => {
  const ask = { verdict: "ask", reason: "It deletes **much**.", rules: ["rm"] } as const;
  const setUp = async (permission: Permission = ask) => {
    const allowed: unknown[] = [];
    const permissions: Permissions = {
      of: async () => permission,
      allow: async (rules, scope) => void allowed.push([rules, scope]),
    };
    return { allowed, ...(await newBench(justBashRunner(), { permissions })) };
  };
  const call = { command: "echo ran ``` > ran; cat ran" };

  it("is asked about with all that the person needs to decide", async () => {
    const { context, shell } = await setUp();
    const { wait } = waitOf(await run(call, context));
    expect(wait.question?.text).toBe(
      "May I run this command?\n\n````\necho ran ``` > ran; cat ran\n````\n\nIt deletes **much**.",
    );
    expect(wait.question?.choices.map(({ id }) => id)).toEqual(["once", "session", "always", "deny"]);
    expect(wait.question?.id).toMatch(/^\w{3,30}$/);
    expect(wait.until - context.clock.now()).toBeGreaterThan(3 * 86_400_000 - 60_000);
    expect(await shell("ls")).toBe("");
  });

  const said = (text: string, choice?: string): Wake => ({ by: "answer", text, who: "me", ...(choice && { choice }) });
  const simple = { command: "echo ran" };

  it.each([
    [said("Once", "once"), []],
    [said("yes please!"), []],
    [said("OK"), []],
    [said("Sí."), []],
    [said("", "session"), [[["rm"], "session"]]],
    [said("always"), [[["rm"], "always"]]],
  ])("runs after %j", async (wake, remembered) => {
    const { context, allowed } = await setUp();
    const result = await resume(simple, await run(simple, context), wake, context);
    expect(result).toEqual({ output: "ran\n", exit_code: 0 });
    expect(allowed).toEqual(remembered);
  });

  it.each<[Wake, object]>([
    [said("No", "deny"), { error: expect.stringContaining("said no") }],
    [said("nein"), { error: expect.stringContaining("said no") }],
    [said("only in /tmp"), { status: "not allowed", answer: "only in /tmp" }],
    [said("yes, but not now"), { status: "not allowed" }],
    [{ by: "message" }, { error: expect.stringContaining("something else meanwhile") }],
    [{ by: "stop" }, { error: expect.stringContaining("stop") }],
    [{ by: "time" }, { status: "not answered", note: expect.stringContaining("not a refusal") }],
  ])("does not run after %j", async (wake, expected) => {
    const { context, allowed, shell } = await setUp();
    const writes = { command: "touch ran" };
    expect(await resume(writes, await run(writes, context), wake, context)).toMatchObject(expected);
    expect([await shell("ls"), allowed]).toEqual(["", []]);
  });

  it("is judged and shown with the folder that it runs in", async () => {
    const judged: string[] = [];
    const permissions: Permissions = { of: async (command) => (judged.push(command), ask), allow: async () => {} };
    const { context } = await newBench(justBashRunner(), { permissions });
    const { wait } = waitOf(await run({ command: "rm -rf *", workdir: "/" }, context));
    expect(wait.question?.text).toContain("\ncd / && rm -rf *\n");
    await run({ command: "ls", workdir: "~/my files" }, context);
    expect(judged).toEqual(["cd / && rm -rf *", "cd ~/'my files' && ls"]);
  });

  it("is shown as its two ends when it is long, with a word about the rest", async () => {
    const { context } = await setUp();
    const { wait } = waitOf(await run({ command: `echo ${"x".repeat(5_000)}; rm last` }, context));
    const text = wait.question?.text ?? "";
    expect(text.length).toBeLessThan(2_500);
    expect(text).toMatch(/echo x+\n\[… 3014 characters …\]\nx+; rm last\n[^]*5014 characters long/);
  });

  it.each(["unreadable", "unknown.program"])("is allowed only this once when its rule is %s", async (rule) => {
    const { context, allowed } = await setUp({ verdict: "ask", reason: "Who knows.", rules: ["rm", rule] });
    const asked = await run(simple, context);
    expect(waitOf(asked).wait.question?.choices.map(({ id }) => id)).toEqual(["once", "deny"]);
    expect(await resume(simple, asked, said("always"), context)).toMatchObject({ output: "ran\n" });
    expect(allowed).toEqual([]);
  });

  it("is not asked about when it may never run", async () => {
    const { context } = await setUp({ verdict: "refuse", reason: "Never that." });
    expect(await run(simple, context)).toEqual({ error: "Never that." });
  });
});

describe("secrets in an output", () => {
  it("are masked", async () => {
    const { call } = await newBench(justBashRunner());
    const result = await call(terminal, {
      command: "echo OPENAI_API_KEY=sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
    });
    expect(result["output"]).not.toContain("abcdefghijklmnopqrstuvwxyz");
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
    expect(refusalOf(command, true)).toContain("Nothing outlives its command");
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
    expect(refusalOf(command, true)).toBeUndefined();
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
