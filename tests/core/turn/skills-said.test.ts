/** Skills that a person calls by name while other messages wait in the queue. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Place } from "../../../core/conversation/place.ts";
import type { TurnInput } from "../../../core/turn/machine.ts";
import type { TurnPorts } from "../../../core/turn/ports.ts";
import { runTurn } from "../../../core/turn/run.ts";
import { readEnvironment } from "../../../functions/compose/environment.ts";
import { composeTurn } from "../../../functions/compose/turn.ts";
import type { Brain } from "../../fakes/model-server.ts";
import { startAgent, type TestAgent } from "../../support/agent.ts";
import { skillText } from "../skills/skill-bench.ts";

let agent: TestAgent;
let ports: TurnPorts;
let brain: Brain;
beforeAll(async () => {
  agent = await startAgent((request) => brain(request));
  ports = { ...composeTurn(readEnvironment()), startTurn: async (input) => void started.push(input) };
});
afterAll(() => agent.close());

const place: Place = { platform: "telegram", chat: "42", kind: "direct" };
const conversation = "main:telegram::direct:42::";

/** Turns that follow, because something waits: each begins when the test says so. */
const started: TurnInput[] = [];

let order = 0;
async function hear(text: string): Promise<void> {
  order += 1;
  await ports.store.inbox.add(conversation, {
    key: `k${order}`,
    place,
    sender: { id: "42" },
    text,
    sentAt: order,
    order: "0",
  });
}
async function firstTurn(): Promise<TurnInput> {
  const taken = await ports.store.leases.acquire(conversation, { session: "ses_1", place });
  if (!taken) throw new Error("The conversation is taken.");
  return { conversation, session: taken.session, turn: taken.turn };
}
async function take(turn: TurnInput): Promise<void> {
  while ((await runTurn(turn, ports)).next === "continue");
}

it("loads a skill once, in the step that takes its message, however long the message waits", async () => {
  const library = ports.skills({ profile: "main", owner: "telegram::42", session: "ses_0", turn: 0 });
  const uses = async () => (await library.find("tea"))?.uses;
  await library.commit({
    name: "tea",
    files: [{ path: "SKILL.md", content: skillText("tea", { body: "Three minutes, never more." }) }],
    version: 0,
    reason: "a test",
  });
  const seen: string[] = [];
  brain = async ({ messages }) => {
    const said = messages.findLast(({ role }) => role === "user");
    seen.push(JSON.stringify(said));
    if (seen.length === 1) {
      // They wait while the turn goes on: the command has to come first.
      await hear("/status");
      await hear("/tea for two");
    }
    return seen.length <= 3 ? { toolCalls: [{ name: "todo", arguments: {} }] } : { text: "Done." };
  };
  await hear("hello");
  await take(await firstTurn());
  expect(seen).toHaveLength(4);
  expect(await uses()).toBe(0);

  for (let next = started.shift(); next; next = started.shift()) await take(next);
  expect(seen).toHaveLength(5);
  expect(seen.at(-1)).toContain("Three minutes, never more.");
  expect(await uses()).toBe(1);
});
