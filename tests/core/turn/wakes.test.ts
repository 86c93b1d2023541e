import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Inbound } from "../../../core/conversation/inbound.ts";
import type { OpenStep, WaitRecord } from "../../../core/conversation/turn.ts";
import { noUsage } from "../../../core/conversation/usage.ts";
import { wakesOf } from "../../../core/turn/wakes.ts";

const place = { platform: "test", chat: "1", kind: "group" as const, thread: "t" };
let count = 0;
const message = (text: string, changes: Partial<Inbound> = {}): Inbound => ({
  key: `m${(count += 1)}`,
  place,
  sender: { id: "ada" },
  text,
  sentAt: count,
  order: "",
  ...changes,
});
const ring = (tell: boolean) => message("", { sender: { id: "job" }, rang: { job: "job_1", tell } });

const job: WaitRecord = { callId: "job", state: null, until: 1_000, failures: 0 };
const question: WaitRecord = {
  callId: "question",
  state: null,
  until: 1_000,
  question: { id: "q_1", text: "Really?", choices: [{ id: "yes", label: "Yes" }] },
  asked: { status: "sent", id: "9", before: [] },
  failures: 0,
};
const stepWith = (...waits: WaitRecord[]): OpenStep => ({
  status: "open",
  claim: "",
  begun: [],
  results: [],
  waits,
  parkedAt: 0,
  turn: 1,
  step: 0,
  input: null,
  inbox: [],
  place,
  sender: "ada",
  assistant: { role: "assistant", text: "", toolCalls: [] },
  finish: "tool-calls",
  usage: noUsage,
  model: "m",
  at: 0,
  activeMs: 0,
  waitedMs: 0,
});
const read = (step: OpenStep, pending: Inbound[], now = 0) => {
  const { reasons, used, asides, beginsNone } = wakesOf({ step, asker: "ada" }, pending, now);
  return { reasons: Object.fromEntries(reasons), used: used.length, asides: asides.length, beginsNone };
};

describe("a job that a call waits for", () => {
  it("is looked at when it rings, and the ring is used up", () => {
    expect(read(stepWith(job), [ring(false)])).toEqual({
      reasons: { job: { by: "job" } },
      used: 1,
      asides: 0,
      beginsNone: false,
    });
  });

  it("is looked at when its time has come, or when nobody knows what woke the turn", () => {
    expect(read(stepWith(job), [], 1_000).reasons).toEqual({ job: { by: "time" } });
    expect(read(stepWith(job), []).reasons).toEqual({ job: { by: "time" } });
  });

  it("has to come to a result when the person says something else, which stays in the queue", () => {
    expect(read(stepWith(job), [message("and the cat?")])).toEqual({
      reasons: { job: { by: "message" } },
      used: 0,
      asides: 0,
      beginsNone: true,
    });
  });

  it("has to end when the person says stop, and so has a question", () => {
    expect(read(stepWith(job, question), [message("stop")])).toMatchObject({
      reasons: { job: { by: "stop" }, question: { by: "stop" } },
      used: 0,
    });
  });

  it("is left alone by a command, by a button from before, and by the news of another job", () => {
    const others = [message("/status"), message("Yes", { pressed: "q_0:yes" }), ring(true)];
    expect(read(stepWith(job), others)).toEqual({ reasons: {}, used: 0, asides: 2, beginsNone: false });
  });
});

describe("a question", () => {
  it("is answered by its button, by the words of who began the turn, and by nothing else", () => {
    const pressed = message("Yes", { pressed: "q_1:yes" });
    expect(read(stepWith(question), [pressed])).toMatchObject({
      reasons: { question: { by: "answer", choice: "yes", text: "Yes", who: "ada" } },
      used: 1,
    });
    expect(read(stepWith(question), [message("fine")]).reasons).toEqual({
      question: { by: "answer", text: "fine", who: "ada" },
    });
    const stranger = { sender: { id: "eve" } };
    expect(read(stepWith(question), [message("fine", stranger)])).toMatchObject({ reasons: {}, used: 0, asides: 0 });
    expect(read(stepWith(question), [message("Yes", { ...stranger, pressed: "q_1:yes" })])).toMatchObject({
      reasons: {},
      asides: 1,
    });
    expect(read(stepWith(question), [message("Yes", { pressed: "q_1:no" })])).toMatchObject({ reasons: {}, asides: 1 });
    expect(read(stepWith(question), [ring(false)]).reasons).toEqual({});
  });

  it("is not answered by what was said before it was asked, nor by anybody when nobody knows who asked", () => {
    const early = message("ok");
    const asked = { ...question, asked: { status: "sent" as const, id: "9", before: [early.key] } };
    expect(read(stepWith(asked), [early]).reasons).toEqual({ question: { by: "message" } });
    const unknown = wakesOf({ step: stepWith(question), asker: undefined }, [message("yes")], 0);
    expect([...unknown.reasons]).toEqual([]);
  });

  it("is answered once by a button that is pressed twice", () => {
    const twice = [message("Yes", { pressed: "q_1:yes" }), message("Yes", { pressed: "q_1:yes" })];
    expect(read(stepWith(question, job), twice)).toMatchObject({ used: 2, asides: 0, beginsNone: false });
  });

  it("is not stopped by a button whose label says so", () => {
    const pressed = message("Cancel", { pressed: "q_1:yes" });
    expect(read(stepWith(question), [pressed]).reasons).toMatchObject({ question: { by: "answer" } });
  });

  it("that has not been asked yet is not answered by what is said", () => {
    const { asked: _, ...unasked } = question;
    expect(read(stepWith(unasked), [message("yes")]).reasons).toEqual({ question: { by: "message" } });
  });
});

it("uses a message for one thing at most, and never answers two questions with one", () => {
  const messages = fc.constantFrom(
    () => message("hello"),
    () => message("stop"),
    () => message("/help"),
    () => message("Yes", { pressed: "q_1:yes" }),
    () => message("Yes", { pressed: "q_2:yes" }),
    () => message("yes", { sender: { id: "eve" } }),
    () => ring(true),
    () => ring(false),
  );
  const second = { ...question, callId: "second", question: { id: "q_2", text: "?", choices: [] } };
  const waits = fc.subarray([job, question, second], { minLength: 1 });
  fc.assert(
    fc.property(
      waits,
      fc.array(messages, { maxLength: 6 }),
      fc.integer({ min: 0, max: 2_000 }),
      (open, makers, now) => {
        const pending = makers.map((make) => make());
        const { reasons, used, asides } = wakesOf({ step: stepWith(...open), asker: "ada" }, pending, now);
        const keys = [...used, ...asides].map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
        expect([...reasons.values()].filter(({ by }) => by === "answer").length).toBeLessThanOrEqual(1);
        expect([...reasons.keys()].every((id) => open.some(({ callId }) => callId === id))).toBe(true);
      },
    ),
  );
});
