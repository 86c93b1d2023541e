import { fileURLToPath } from "node:url";
import type { Brain } from "../fakes/model-server.ts";
import { startAgent, type TestAgent } from "../support/agent.ts";
import { makeTrigger, type Armed } from "./arm.ts";
import { check, type Verdict } from "./check.ts";
import { makeScenario, makeWaitingScenario, type Scenario } from "./scenario.ts";

export interface FaultReport {
  injected: number;
  lost: number;
  doubled: number;
  broken: string[];
  /** Outside calls of the undisturbed turns, one of each kind. */
  calls: number;
  /** The longest wait from the first message to rest, in milliseconds. */
  slowestMs: number;
}

const hook = fileURLToPath(new URL("./hook.ts", import.meta.url));
/** Beyond the calls of an undisturbed turn: what a mended one makes more. */
const never: Armed = { at: Number.MAX_SAFE_INTEGER, when: "before" };

type MakeScenario = (person: number, agent: TestAgent) => Scenario;

const scenarios: Record<string, MakeScenario> = {
  tools: (person, { say }) => makeScenario(person, say),
  wait: (person, { say, telegram }) =>
    makeWaitingScenario(person, say, () =>
      telegram.messages.filter(({ chat }) => chat === String(person)).map(({ text }) => text),
    ),
};

/** Crashes the running function before and after every `stride`-th outside call of a turn, one fault a turn. */
export async function injectFaults(stride: number, progress: (line: string) => void): Promise<FaultReport> {
  const trigger = makeTrigger();
  const brains = new Map<number, Brain>();
  const agent: TestAgent = await startAgent(
    (request) => {
      const person = Number(/first of (\d+)/.exec(JSON.stringify(request.messages))?.[1]);
      return brains.get(person)?.(request) ?? { text: "Who are you?" };
    },
    {
      mode: "strict",
      workerExecArgv: ["--import", hook],
      settings: { TALARIA_FAULT_FOLDER: trigger.folder, TALARIA_ALLOWED_USERS: "*" },
    },
  );
  let person = 10_000;

  async function run(make: MakeScenario, armed: Armed) {
    person += 1;
    const scenario = make(person, agent);
    brains.set(person, scenario.brain);
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
  async function disturb(name: string, make: MakeScenario) {
    // The first run warms the workers up, the second counts.
    await run(make, never);
    const { verdict: undisturbed, calls } = await run(make, never);
    add(`${name}, undisturbed`, undisturbed);
    report.calls += calls;
    for (let at = 1; at <= calls; at += stride) {
      for (const when of ["before", "after"] as const) {
        const { verdict, fired, ms } = await run(make, { at, when });
        if (fired === undefined) continue;
        report.injected += 1;
        report.slowestMs = Math.max(report.slowestMs, ms);
        add(`${name}, ${fired}`, verdict);
        progress(`${name}, ${fired} (${Math.round(ms)} ms)`);
      }
    }
  }

  try {
    for (const [name, make] of Object.entries(scenarios)) await disturb(name, make);
    return report;
  } finally {
    await agent.close();
    trigger.remove();
  }
}
