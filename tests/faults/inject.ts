import { fileURLToPath } from "node:url";
import type { Brain } from "../fakes/model-server.ts";
import { startAgent, type TestAgent } from "../support/agent.ts";
import { makeTrigger, type Armed } from "./arm.ts";
import { check, type Verdict } from "./check.ts";
import { makeScenario } from "./scenario.ts";

export interface FaultReport {
  injected: number;
  lost: number;
  doubled: number;
  broken: string[];
  /** Outside calls of one undisturbed turn. */
  calls: number;
  /** The longest wait from the first message to rest, in milliseconds. */
  slowestMs: number;
}

const hook = fileURLToPath(new URL("./hook.ts", import.meta.url));
/** Beyond the calls of an undisturbed turn: what a mended one makes more. */
const never: Armed = { at: Number.MAX_SAFE_INTEGER, when: "before" };

/** Crashes the running function before and after every `stride`-th outside call of a turn, one fault a turn. */
export async function injectFaults(stride: number, progress: (line: string) => void): Promise<FaultReport> {
  const trigger = makeTrigger();
  const scenarios = new Map<number, Brain>();
  const agent: TestAgent = await startAgent(
    (request) => {
      const person = Number(/first of (\d+)/.exec(JSON.stringify(request.messages))?.[1]);
      return scenarios.get(person)?.(request) ?? { text: "Who are you?" };
    },
    {
      mode: "strict",
      workerExecArgv: ["--import", hook],
      settings: { TALARIA_FAULT_FOLDER: trigger.folder, TALARIA_ALLOWED_USERS: "*" },
    },
  );
  let person = 10_000;

  async function run(armed: Armed) {
    person += 1;
    const scenario = makeScenario(person, agent.say);
    scenarios.set(person, scenario.brain);
    const startedAt = performance.now();
    trigger.arm(armed);
    await scenario.begin();
    const verdict = await check(agent, scenario);
    return { verdict, ...trigger.disarm(), ms: performance.now() - startedAt };
  }

  const report: FaultReport = { injected: 0, lost: 0, doubled: 0, broken: [], calls: 0, slowestMs: 0 };
  const add = (where: string, { lost, doubled, broken }: Verdict) => {
    report.lost += lost.length;
    report.doubled += doubled.length;
    report.broken.push(...broken.map((sentence) => `${where}: ${sentence}`));
    for (const text of lost) progress(`LOST ${text} (${where})`);
    for (const text of doubled) progress(`DOUBLED ${text} (${where})`);
  };
  try {
    // The first run warms the workers up, the second counts.
    await run(never);
    const undisturbed = await run(never);
    add("undisturbed", undisturbed.verdict);
    report.calls = undisturbed.calls;
    for (let at = 1; at <= report.calls; at += stride) {
      for (const when of ["before", "after"] as const) {
        const { verdict, fired, ms } = await run({ at, when });
        if (fired === undefined) continue;
        report.injected += 1;
        report.slowestMs = Math.max(report.slowestMs, ms);
        add(fired, verdict);
        progress(`${fired} (${Math.round(ms)} ms)`);
      }
    }
    return report;
  } finally {
    await agent.close();
    trigger.remove();
  }
}
