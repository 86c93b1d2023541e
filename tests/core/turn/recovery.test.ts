import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { refused } from "../../../core/base/errors.ts";
import type { OwedTurn } from "../../../core/conversation/turn.ts";
import { noUsage } from "../../../core/conversation/usage.ts";
import type { Store } from "../../../core/store/store.ts";
import { abandonTurn } from "../../../core/turn/abandon.ts";
import { deliver } from "../../../core/turn/deliver.ts";
import type { TurnInput } from "../../../core/turn/machine.ts";
import type { TurnPorts } from "../../../core/turn/ports.ts";
import { runTurn } from "../../../core/turn/run.ts";
import { readEnvironment } from "../../../functions/compose/environment.ts";
import { composeTurn } from "../../../functions/compose/turn.ts";
import { telegramBlocked } from "../../fakes/platform-telegram.ts";
import type { Brain } from "../../fakes/model-server.ts";
import { startAgent, type TestAgent } from "../../support/agent.ts";

/** Workers that die at a chosen call, and those that come after them, on real stores and platforms. */
let agent: TestAgent;
let ports: TurnPorts;
let brain: Brain;
let started: number[];
/** Turns that were handed over to be learnt from. */
let handedOver: number[];

beforeAll(async () => {
  agent = await startAgent((request) => brain(request));
  const composed = composeTurn(readEnvironment());
  ports = {
    ...composed,
    startTurn: async ({ turn }) => void started.push(turn),
    startReview: async ({ turn }) => void handedOver.push(turn),
  };
});
afterAll(() => agent.close());

let person = 500;
let conversation: string;
beforeEach(() => {
  person += 1;
  conversation = `main:telegram::direct:${person}::`;
  started = [];
  handedOver = [];
  brain = () => ({ text: "The answer." });
  agent.telegram.messages.length = 0;
  agent.model.requests.length = 0;
});

const place = () => ({ platform: "telegram", chat: String(person), kind: "direct" as const });
const texts = () => agent.telegram.messages.map(({ text }) => text);

let order = 0;
async function hear(text: string): Promise<void> {
  order += 1;
  const message = { key: `k${order}`, place: place(), sender: { id: String(person) }, text, sentAt: order, order: "0" };
  expect(await ports.store.inbox.add(conversation, message)).toBe(true);
}

async function lease(): Promise<TurnInput> {
  const taken = await ports.store.leases.acquire(conversation, { session: `ses_${person}`, place: place() });
  if (!taken) throw new Error("The conversation is taken.");
  return { conversation, session: taken.session, turn: taken.turn };
}

class Died extends Error {}
const die = () => Promise.reject(new Died());

/** The ports of a worker whose calls of some stores do not come through. */
function worker(broken: { [Name in keyof Store]?: Partial<Store[Name]> }, base = ports): TurnPorts {
  const store = { ...base.store };
  for (const [name, calls] of Object.entries(broken))
    Object.assign(store, { [name]: { ...store[name as keyof Store], ...calls } });
  return { ...base, store };
}

const pending = async () => (await ports.store.inbox.pending(conversation)).map(({ text }) => text);

describe("a worker that dies", () => {
  it("after the answer is saved and before its message is marked leaves one answer, not two", async () => {
    await hear("hi");
    const turn = await lease();
    const dying = worker({ inbox: { consume: () => Promise.resolve() }, turns: { owe: die } });
    await expect(runTurn(turn, dying)).rejects.toThrow(Died);
    expect(await runTurn(turn, ports)).toMatchObject({ next: "done" });
    expect(texts()).toEqual(["The answer."]);
    expect(agent.model.requests).toHaveLength(1);
    expect([await pending(), started]).toEqual([[], []]);
  });

  it("after it noted that no model is set up, in a session that could not even begin, has the person told once", async () => {
    const refusing: TurnPorts = { ...ports, model: () => Promise.reject(refused("No model is set up.")) };
    await hear("are you there?");
    const turn = await lease();
    await expect(runTurn(turn, worker({ turns: { owe: die } }, refusing))).rejects.toThrow(Died);
    await runTurn(turn, refusing);
    expect(texts()).toEqual(["No model is set up."]);
    await hear("go on");
    await runTurn(await lease(), ports);
    const [request] = agent.model.requests;
    expect(request?.messages.map((message) => ("text" in message ? message.text : ""))).toEqual([
      "are you there?",
      "No model is set up.",
      "go on",
    ]);
  });

  it("before the reply is owed loses nothing to Abandon: the saved answer is delivered, not a report", async () => {
    await hear("hi");
    const turn = await lease();
    await expect(runTurn(turn, worker({ turns: { owe: die } }))).rejects.toThrow(Died);
    await abandonTurn({ ...turn, error: "Runtime.ExitError", cause: "" }, ports);
    expect(texts()).toEqual(["The answer."]);
    expect(handedOver).toEqual([turn.turn]);
  });

  it("before its tool ran leaves a turn that is reported, and found again by what was said in it", async () => {
    brain = () => ({ toolCalls: [{ name: "todo", arguments: {} }] });
    await hear("compare the lighthouses");
    const turn = await lease();
    await expect(runTurn(turn, worker({ steps: { close: die } }))).rejects.toThrow(Died);
    await abandonTurn({ ...turn, error: "Lambda.Timeout", cause: "" }, ports);
    expect(texts()).toEqual([expect.stringContaining("Something broke on my side")]);
    expect(handedOver).toEqual([turn.turn]);
  });
});

describe("a command whose worker dies before its answer is owed", () => {
  const note = (content: string): Brain => {
    const call = { name: "memory", arguments: { target: "user", action: "add", content } };
    return ({ messages }) => (messages.at(-1)?.role === "tool" ? { text: "Noted." } : { toolCalls: [call] });
  };
  async function learn(content: string): Promise<void> {
    brain = note(content);
    await hear(`remember: ${content}`);
    await runTurn(await lease(), ports);
  }

  it("undoes one change, not two, and says that it was interrupted", async () => {
    await learn("Drinks tea without milk.");
    await learn("Lives beside a lighthouse.");
    await hear("/memory undo");
    const turn = await lease();
    await expect(runTurn(turn, worker({ turns: { owe: die } }))).rejects.toThrow(Died);
    await runTurn(turn, ports);
    expect(texts().at(-1)).toContain("I was interrupted at that");
    await hear("/memory");
    await runTurn(await lease(), ports);
    expect(texts().at(-1)).toContain("tea without milk");
    expect(texts().at(-1)).not.toContain("lighthouse");
  });

  it("reads again", async () => {
    await learn("Drinks tea without milk.");
    await hear("/memory search tea");
    const turn = await lease();
    await expect(runTurn(turn, worker({ turns: { owe: die } }))).rejects.toThrow(Died);
    await runTurn(turn, ports);
    expect(texts().at(-1)).toContain("tea without milk");
  });
});

describe("a worker that comes late", () => {
  it("for a turn that had nothing to do touches nothing of the turn after it", async () => {
    const first = await lease();
    await runTurn(first, ports);
    await hear("for the second turn");
    await lease();
    await runTurn(first, ports);
    await abandonTurn({ ...first, error: "Aborted", cause: "" }, ports);
    expect(texts()).toEqual([]);
    expect(await pending()).toEqual(["for the second turn"]);
    expect(new Set(started)).toEqual(new Set([2]));
  });

  it("and lost the delivery sends no further part", async () => {
    const turn = await lease();
    const owed: OwedTurn = { ...owedTo(turn), reply: `${"word ".repeat(700)}\n\n`.repeat(4) };
    await ports.store.turns.owe(turn.session, owed);
    await ports.store.turns.takeOver(turn.session, owed, "somebody else");
    await expect(deliver({ session: turn.session, owed, inDoubt: false }, ports)).rejects.toThrow(
      "taken this turn over",
    );
    expect(texts()).toHaveLength(1);
  });
});

const owedTo = ({ turn }: TurnInput): OwedTurn => ({
  status: "delivering",
  claim: "mine",
  turn,
  startedAt: Date.now(),
  owedAt: Date.now(),
  draft: null,
  outcome: "answered",
  place: place(),
  reply: "Hello.",
  inbox: [],
  sent: [],
  usage: noUsage,
  steps: 1,
  activeMs: 0,
  waitedMs: 0,
});

describe("a delivery", () => {
  it("whose draft was deleted is a new message", async () => {
    const turn = await lease();
    const owed: OwedTurn = { ...owedTo(turn), draft: { status: "created", id: "999999" } };
    await ports.store.turns.owe(turn.session, owed);
    await deliver({ session: turn.session, owed, inDoubt: false }, ports);
    expect(texts()).toEqual(["Hello."]);
    expect(await ports.store.turns.get(turn.session, turn.turn)).toMatchObject({ status: "delivered" });
  });

  it("that the platform refuses is recorded with its reason, and the conversation goes on", async () => {
    await hear("hi");
    const turn = await lease();
    agent.telegram.failNext({ operation: "sendMessage", ...telegramBlocked });
    await runTurn(turn, ports);
    expect(await ports.store.turns.get(turn.session, turn.turn)).toMatchObject({ status: "undeliverable" });
    expect(await ports.store.leases.current(conversation)).toMatchObject({ held: false });
  });

  it("that stays impossible is given up after an hour instead of being tried for ever", async () => {
    const turn = await lease();
    const owed: OwedTurn = { ...owedTo(turn), owedAt: Date.now() - 2 * 3_600_000 };
    await ports.store.turns.owe(turn.session, owed);
    agent.telegram.failNext({
      operation: "sendMessage",
      status: 502,
      body: { ok: false, error_code: 502, description: "Bad Gateway" },
    });
    await deliver({ session: turn.session, owed, inDoubt: false }, ports);
    expect(await ports.store.turns.get(turn.session, turn.turn)).toMatchObject({ status: "undeliverable" });
  });
});

describe("a message that the provider does not accept", () => {
  it("is reported and not sent again with every later request", async () => {
    brain = ({ messages }) =>
      JSON.stringify(messages).includes("BAD")
        ? {
            error: { status: 400, code: "content_filter", message: "The response was filtered by the content policy." },
          }
        : { text: "Fine." };
    await hear("BAD words");
    await runTurn(await lease(), ports);
    await hear("good words");
    await runTurn(await lease(), ports);
    expect(texts()).toHaveLength(2);
    expect(texts()[1]).toBe("Fine.");
    const roles = agent.model.requests.at(-1)?.messages.map(({ role }) => role);
    expect(roles).toEqual(["user", "assistant", "user"]);
  });
});
