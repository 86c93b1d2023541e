/** Skills that a person calls by name while other messages wait in the queue. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Place } from "../../../core/conversation/place.ts";
import { recalledFence } from "../../../core/conversation/said.ts";
import { messagesOfSteps } from "../../../core/search/messages.ts";
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

const fencedRecollection = (text: string): string => `\n\n${recalledFence.opening}\n${text}\n${recalledFence.closing}`;

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

  // Found again by what was said, which is not what the model was sent for it.
  const steps = await ports.store.steps.from("ses_1", 0);
  const heard = messagesOfSteps("ses_1", steps).filter(({ role }) => role === "user");
  expect(heard.map(({ text }) => text)).toEqual(["hello", "/tea for two"]);
});

it("hands the page that /learn names to the model, or why it cannot be had", async () => {
  brain = () => ({ text: "Done." });
  await hear("/learn https://pages.test/guide");
  const turn = await firstTurn();
  const fetchPage = async (address: string) => new TextEncoder().encode(`Guide at ${address}`);
  while ((await runTurn(turn, { ...ports, fetchPage })).next === "continue");
  await hear("/learn https://127.0.0.1/secrets");
  await take(await firstTurn());
  const steps = (await ports.store.steps.from("ses_1", 0)).filter((step) => step.turn >= turn.turn);
  expect(steps.map(({ said }) => said)).toEqual([
    "/learn https://pages.test/guide",
    "/learn https://127.0.0.1/secrets",
  ]);
  expect(steps[0]?.input?.text).toContain("<source-text>\nGuide at https://pages.test/guide\n</source-text>");
  expect(steps[1]?.input?.text).toContain("may not be contacted");
});

it("keeps what the person said apart from what a memory recalled for it", async () => {
  brain = () => ({ text: "Done." });
  const recalled = fencedRecollection("Takes tea without milk.");
  await hear("make some");
  const turn = await firstTurn();
  let asked = "";
  const remembering = { ...ports, recall: async (message: string) => ((asked = message), recalled) };
  while ((await runTurn(turn, remembering)).next === "continue");
  expect(asked).toBe("make some");
  const steps = (await ports.store.steps.from("ses_1", 0)).filter((step) => step.turn === turn.turn);
  expect(steps[0]?.input?.text).toContain("without milk");
  expect(messagesOfSteps("ses_1", steps)[0]).toMatchObject({ role: "user", text: "make some" });
});

it("asks the memory while the session is opened", async () => {
  brain = () => ({ text: "Done." });
  const asked = Promise.withResolvers<void>();
  const beside: TurnPorts = {
    ...ports,
    recall: async () => {
      asked.resolve();
      return "";
    },
    soul: async (profile) => {
      await asked.promise;
      return ports.soul(profile);
    },
  };
  await hear("/new");
  await take(await firstTurn());
  await hear("hello again");
  const turn = await firstTurn();
  expect(turn.session).not.toBe("ses_1");
  expect(await runTurn(turn, beside)).toMatchObject({ next: "done" });
});
