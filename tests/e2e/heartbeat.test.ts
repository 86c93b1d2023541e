/** A turn that waits, and the sweep that looks after it, on the embedded cloud under a clock that the test turns. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { turnedClock } from "../local/step-functions/turned-clock.ts";
import { startAgent, until, type TestAgent } from "../support/agent.ts";

const conversation = "main:telegram::direct:42::";
const minuteMs = 60_000;
/** What the state machine says (core/turn/machine.ts), and what the embedded one sleeps for after a heartbeat. */
const heartbeatMs = 30 * minuteMs;

const clock = turnedClock(Date.now());
let agent: TestAgent;
beforeAll(async () => {
  const brain = () =>
    asked() ? { text: "Painted." } : { toolCalls: [{ name: "clarify", arguments: { question: "Red?" } }] };
  const asked = () => agent.model.requests.length > 1;
  agent = await startAgent(brain, { clock });
  await agent.say("paint it");
});
afterAll(() => agent.close());

const lease = () => agent.store.leases.current(conversation);
/** The token that the machine waits with once it sleeps; another one means that the step ran again. */
const waiting = (known?: string) =>
  until("a machine that waits", async () => {
    const token = (await lease())?.taskToken;
    return token !== known && clock.sleeping().includes(heartbeatMs) ? token : undefined;
  });
/** As after five minutes, in which nobody looked at the lease. */
async function sweep(): Promise<void> {
  const current = await lease();
  if (current) await agent.store.leases.extend(current, -1);
  await agent.cloud.invoke("schedule", { task: "sweep" });
}

it("waits on under one token while the sweep sends its heartbeats", async () => {
  const token = await waiting();
  for (let look = 0; look < 4; look += 1) {
    clock.turn(heartbeatMs - minuteMs);
    await sweep();
    await until("the heartbeat", () => clock.sleeping().includes(heartbeatMs));
  }
  expect((await lease())?.taskToken).toBe(token);
  // The scheduler's own sweep may come between.
  expect(agent.cloud.counters.snapshot().calls["sfn.SendTaskHeartbeat"]).toBeGreaterThanOrEqual(4);
});

it("looks by itself when no heartbeat comes, waits on, and takes the answer", async () => {
  const token = await waiting();
  clock.turn(heartbeatMs);
  await waiting(token);
  expect(agent.model.requests).toHaveLength(1);
  await agent.say("red");
  await until("the reply", () => agent.telegram.messages.at(-1)?.text === "Painted.");
});
