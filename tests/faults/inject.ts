import { fileURLToPath } from "node:url";
import type { Brain } from "../fakes/model-server.ts";
import { startAgent, type TestAgent } from "../support/agent.ts";
import { makeTrigger, type Armed } from "./arm.ts";
import { check } from "./check.ts";
import { type FaultReport, openReport } from "./report.ts";
import { makeScenario, makeWaitingScenario, type Scenario } from "./scenario.ts";

const hook = fileURLToPath(new URL("./hook.ts", import.meta.url));
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

  const { report, disturb } = openReport(progress);
  try {
    for (const [name, make] of Object.entries(scenarios)) await disturb(name, stride, (armed) => run(make, armed));
    return report;
  } finally {
    await agent.close();
    trigger.remove();
  }
}
