import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetExecutionHistoryCommand, SendTaskSuccessCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, expect, it } from "vitest";
import { client, createCalls, machine, outcome, tokenTask, until } from "./support.ts";

let folder: string;
let child: ChildProcess | undefined;
let sfn: SFNClient;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "crash-"));
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

async function up(aheadMs = 0, hangs = "no"): Promise<ReturnType<typeof createCalls>> {
  const program = fileURLToPath(new URL("crash-child.ts", import.meta.url));
  child = spawn(process.execPath, [program, folder, String(aheadMs), hangs], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
  sfn = client(Number(String(line)));
  return createCalls(sfn);
}

async function kill(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
  sfn.destroy();
}

const calls = (): string[] => {
  const file = join(folder, "calls.log");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
};
const countOf = (line: string) => calls().filter((call) => call === line).length;

const lambda = (name: string, extra: object) => ({
  Type: "Task",
  Resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  ...extra,
});
const branch = (states: Record<string, object>) => ({ StartAt: Object.keys(states)[0], States: states });

/** Five items, each somewhere else when the process dies. */
const fan = {
  Type: "Map",
  Items: ["done-1", "done-2", "asking", "napping", "nested"],
  ItemProcessor: branch({
    Record: lambda("record", { Next: "Where" }),
    Where: {
      Type: "Choice",
      Choices: [
        { Condition: "{% $states.input = 'asking' %}", Next: "Ask" },
        { Condition: "{% $states.input = 'napping' %}", Next: "Nap" },
        { Condition: "{% $states.input = 'nested' %}", Next: "Both" },
      ],
      Default: "Done",
    },
    Ask: tokenTask("keep", { TimeoutSeconds: 86_400 }),
    Nap: { Type: "Wait", Seconds: 3600, Output: "woke", End: true },
    Both: {
      Type: "Parallel",
      Branches: [
        branch({ Quick: lambda("record", { Arguments: "quick", End: true }) }),
        branch({ Slow: lambda("slow", { End: true }) }),
      ],
      End: true,
    },
    Done: { Type: "Succeed" },
  }),
  End: true,
};

it("goes on inside Map and Parallel after kill -9: done branches rest, the others go on where they were", async () => {
  const before = await up(0, "hang");
  const arn = await before.begin({ Fan: fan });
  await until(async () => {
    const history = await sfn.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000 }));
    const types = (history.events ?? []).map(({ type }) => type);
    const finished = types.filter((type) => type === "MapIterationSucceeded").length;
    const quick = types.filter((type) => type === "TaskStateExited").length;
    const isThere = types.includes("TaskSubmitted") && types.includes("WaitStateEntered") && countOf("slow") === 1;
    return (finished === 2 && quick === 6 && isThere) || undefined;
  });
  await kill();

  const after = await up(3600_000);
  const taskToken =
    calls()
      .find((call) => call.startsWith("token:"))
      ?.slice(6) ?? "";
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"answered"' }));
  const expected = ["done-1", "done-2", "answered", "woke", ["quick", "slow"]];
  expect(outcome(await after.ended(arn))).toEqual(expected);
  for (const once of ["done-1", "done-2", "asking", "napping", "nested", "quick"]) expect(countOf(once)).toBe(1);
  expect(calls().filter((call) => call.startsWith("token:"))).toHaveLength(1);
  expect(countOf("slow")).toBe(2);
});

it("loses no step of a loop that is killed again and again, and repeats at most the one in flight", async () => {
  const loop = machine({
    Step: lambda("count", { Next: "More" }),
    More: { Type: "Choice", Choices: [{ Condition: "{% $states.input.n >= 200 %}", Next: "Done" }], Default: "Step" },
    Done: { Type: "Succeed" },
  });
  const kills = 5;
  let now = await up();
  const arn = await now.start(await now.create(loop), { n: 0 });
  for (let round = 1; round <= kills; round += 1) {
    await until(() => countOf(`step:${round * 30}`) > 0 || undefined);
    await kill();
    now = await up();
  }
  expect(outcome(await now.ended(arn))).toEqual({ n: 200 });
  const numbers = calls().map((call) => Number(call.slice(5)));
  expect(new Set(numbers).size).toBe(200);
  expect(numbers.length).toBeLessThanOrEqual(200 + kills);
  expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
});

it("keeps an execution that was answered for, killed at once after the answer", async () => {
  const before = await up();
  const arn = await before.start(await before.create(machine({ Nap: { Type: "Wait", Seconds: 60, End: true } })));
  await kill();
  const after = await up(60_000);
  expect((await after.ended(arn)).status).toBe("SUCCEEDED");
});
