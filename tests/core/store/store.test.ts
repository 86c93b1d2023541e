import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Inbound } from "../../../core/conversation/inbound.ts";
import type { OpenStep, OwedTurn, RunningTurn } from "../../../core/conversation/turn.ts";
import { noUsage } from "../../../core/conversation/usage.ts";
import type { Store } from "../../../core/store/store.ts";
import { startAgent, type TestAgent } from "../../support/agent.ts";

let agent: TestAgent;
let store: Store;
beforeAll(async () => {
  agent = await startAgent(() => ({ text: "never asked" }));
  store = agent.store;
});
afterAll(() => agent.close());

let count = 0;
/** A name that no other case uses. */
const fresh = (word: string) => `${word}-${(count += 1)}`;

const place = { platform: "telegram", chat: "1", kind: "direct" as const };
const message = (key: string, sentAt = 1, order = "0"): Inbound => ({
  key,
  place,
  sender: { id: "7" },
  text: `text of ${key}`,
  sentAt,
  order,
});

describe("leases", () => {
  it("are taken by exactly one of twenty contenders, whose turn number is the next", async () => {
    const conversation = fresh("C");
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.leases.acquire(conversation, { session: `ses_${n}`, place })),
    );
    const winners = taken.filter((lease) => lease !== undefined);
    expect(winners).toHaveLength(1);
    expect(winners[0]).toMatchObject({ turn: 1, held: true, place });
    expect(await store.leases.release(conversation, 1)).toBe(true);
    const next = await store.leases.acquire(conversation, { session: "another", place });
    expect(next).toMatchObject({ turn: 2, session: winners[0]?.session });
  });

  it("are released by their own turn alone, once", async () => {
    const conversation = fresh("C");
    await store.leases.acquire(conversation, { session: "ses_a", place });
    expect(await store.leases.release(conversation, 7)).toBe(false);
    expect(await store.leases.release(conversation, 1, { session: "ses_b", follows: "ses_a" })).toBe(true);
    expect(await store.leases.release(conversation, 1)).toBe(false);
    expect(await store.leases.current(conversation)).toMatchObject({
      held: false,
      session: "ses_b",
      follows: "ses_a",
    });
  });

  it("never have two holders, whatever order workers come in", async () => {
    const steps = fc.array(fc.constantFrom("acquire", "release-current", "release-stale"), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const conversation = fresh("C");
        let holder: number | undefined;
        let last = 0;
        for (const step of given) {
          if (step === "acquire") {
            const lease = await store.leases.acquire(conversation, { session: "ses_x", place });
            expect(lease === undefined).toBe(holder !== undefined);
            if (lease) expect((holder = lease.turn)).toBe((last += 1));
          } else {
            const turn = step === "release-current" ? last : last - 1;
            expect(await store.leases.release(conversation, turn)).toBe(holder !== undefined && holder === turn);
            if (holder === turn) holder = undefined;
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe("the inbox", () => {
  it("accepts a message once, however often it is delivered at the same time", async () => {
    const conversation = fresh("C");
    const added = await Promise.all(Array.from({ length: 10 }, () => store.inbox.add(conversation, message("a"))));
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await store.inbox.pending(conversation)).toEqual([message("a")]);
  });

  it("hands out what waits in the order it was sent, and remembers what was consumed", async () => {
    const conversation = fresh("C");
    for (const each of [message("late", 20), message("second", 10, "2"), message("first", 10, "1")])
      await store.inbox.add(conversation, each);
    const keys = async () => (await store.inbox.pending(conversation)).map(({ key }) => key);
    expect(await keys()).toEqual(["first", "second", "late"]);
    await store.inbox.consume(conversation, ["first"], "ses_1#1");
    await store.inbox.consume(conversation, ["first"], "ses_1#2");
    expect(await keys()).toEqual(["second", "late"]);
    expect(await store.inbox.consumedBy(conversation, "first")).toBe("ses_1#1");
    expect(await store.inbox.add(conversation, message("first", 10, "1"))).toBe(false);
    expect(await keys()).toEqual(["second", "late"]);
  });
});

const openStep = (step: number, text = "thinking"): OpenStep => ({
  status: "open",
  claim: "clm_1",
  turn: 1,
  step,
  input: { role: "user", text: "hi" },
  inbox: ["a"],
  place,
  assistant: { role: "assistant", text, toolCalls: [{ id: "c1", name: "look", arguments: "{}" }] },
  finish: "tool-calls",
  usage: noUsage,
  model: "test/model",
  at: 5,
  activeMs: 7,
  waitedMs: 0,
  begun: ["c1"],
  results: [],
  waits: [],
  parkedAt: null,
});
const results = [{ role: "tool" as const, callId: "c1", name: "look", content: '{"ok":true}' }];
const closing = { results, activeMs: 9 };

describe("steps", () => {
  it("are saved once: the worker that comes second loses", async () => {
    const session = fresh("S");
    expect(await store.steps.put(session, openStep(0))).toBe(true);
    expect(
      await store.steps.put(session, { ...openStep(0), assistant: { role: "assistant", text: "mine", toolCalls: [] } }),
    ).toBe(false);
    expect(await store.steps.from(session, 1)).toEqual([openStep(0)]);
  });

  it("are closed under their claim alone, by exactly one of the workers that fight for it", async () => {
    const session = fresh("S");
    await store.steps.put(session, openStep(0));
    const takers = await Promise.all(
      ["x", "y", "z"].map((claim) => store.steps.advance(session, openStep(0), { ...openStep(0), claim })),
    );
    expect(takers.filter(Boolean)).toHaveLength(1);
    expect(await store.steps.close(session, openStep(0), closing)).toBe(false);
    const claim = ["x", "y", "z"][takers.indexOf(true)] ?? "";
    expect(await store.steps.close(session, { ...openStep(0), claim }, closing)).toBe(true);
    expect(await store.steps.close(session, { ...openStep(0), claim }, { results: [], activeMs: 0 })).toBe(false);
    expect(await store.steps.from(session, 1)).toMatchObject([{ status: "closed", ...closing }]);
  });

  it("come back byte for byte, in order, also when a body is too large for the table", async () => {
    const session = fresh("S");
    const incompressible = randomBytes(500_000).toString("base64");
    const steps = [openStep(0), openStep(1, incompressible), openStep(2, "ünïcödé 🎉"), openStep(10)];
    for (const step of steps.toReversed()) expect(await store.steps.put(session, step)).toBe(true);
    expect(await store.steps.from(session, 1)).toEqual(steps);
    expect(await store.steps.from(session, 2)).toEqual([]);
  });
});

const running: RunningTurn = { status: "running", turn: 1, startedAt: 3, draft: { status: "created", id: "m1" } };
const owed: OwedTurn = {
  ...running,
  status: "delivering",
  claim: "clm_1",
  outcome: "answered",
  owedAt: 4,
  place,
  reply: "Hello.",
  inbox: ["a"],
  sent: [],
  usage: noUsage,
  steps: 1,
  activeMs: 0,
  waitedMs: 0,
};

describe("turns", () => {
  it("owe one reply: the second is dropped, and no draft changes it afterwards", async () => {
    const session = fresh("S");
    expect(await store.turns.setDraft(session, running)).toBe(true);
    expect(await store.turns.owe(session, owed)).toBe(true);
    expect(await store.turns.owe(session, { ...owed, reply: "Another." })).toBe(false);
    expect(await store.turns.setDraft(session, running)).toBe(false);
    expect(await store.turns.get(session, 1)).toEqual(owed);
  });

  it("are delivered by the holder of the claim alone", async () => {
    const session = fresh("S");
    await store.turns.owe(session, owed);
    expect(await store.turns.takeOver(session, owed, "clm_2")).toBe(true);
    expect(await store.turns.saveSent(session, { ...owed, sent: ["m1"] })).toBe(false);
    expect(await store.turns.saveSent(session, { ...owed, claim: "clm_2", sent: ["m1"] })).toBe(true);
    const { claim: _, ...common } = owed;
    const settled = { ...common, status: "delivered" as const, sent: ["m1", "m2"], deliveredAt: 9 };
    expect(await store.turns.settle(session, settled, "clm_1")).toBe(false);
    expect(await store.turns.settle(session, settled, "clm_2")).toBe(true);
    expect(await store.turns.get(session, 1)).toMatchObject({
      status: "delivered",
      sent: ["m1", "m2"],
      deliveredAt: 9,
    });
  });
});

describe("refusals", () => {
  it("are told to a stranger once", async () => {
    const stranger = fresh("telegram");
    expect(await store.refusals.isFirst("main", stranger)).toBe(true);
    expect(await store.refusals.isFirst("main", stranger)).toBe(false);
    expect(await store.refusals.isFirst("other", stranger)).toBe(true);
  });
});
