import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ToolCall } from "../../../core/conversation/message.ts";
import type { ClosedStep, StepRecord } from "../../../core/conversation/turn.ts";
import { noUsage } from "../../../core/conversation/usage.ts";
import { isCorrection } from "../../../core/learning/review/corrections.ts";
import { gateWindowStart, reviewDecision } from "../../../core/learning/review/gate.ts";

interface Shape {
  says?: string;
  /** Tool calls, one step each, with what they return. */
  calls?: [name: string, result?: object][];
  answer?: string;
  finish?: ClosedStep["finish"];
  /** Nobody said it: a job rang. */
  rang?: boolean;
}

/** The steps of one turn: one for each call, and the answer. */
function turnOf(
  turn: number,
  { says = "go on", calls = [], answer = "Done.", finish = "stop", rang }: Shape,
): StepRecord[] {
  const step = (index: number, toolCalls: ToolCall[], result?: object): ClosedStep => ({
    status: "closed",
    turn,
    step: index,
    input: index === 0 ? { role: "user", text: says } : null,
    inbox: index === 0 ? [`m${turn}`] : [],
    place: null,
    ...(index === 0 && !rang && { sender: "42" }),
    assistant: { role: "assistant", text: toolCalls.length > 0 ? "" : answer, toolCalls },
    finish: toolCalls.length > 0 ? "tool-calls" : finish,
    usage: noUsage,
    model: "m",
    at: 0,
    activeMs: 0,
    waitedMs: 0,
    results: toolCalls.map(({ id, name }) => ({
      role: "tool",
      callId: id,
      name,
      content: JSON.stringify(result ?? {}),
    })),
  });
  return [
    ...calls.map(([name, result], index) => step(index, [{ id: `${turn}.${index}`, name, arguments: "{}" }], result)),
    step(calls.length, []),
  ];
}

const sessionOf = (shapes: Shape[]) => shapes.flatMap((shape, index) => turnOf(index + 1, shape));
const decide = (shapes: Shape[], turn = shapes.length) => reviewDecision({ steps: sessionOf(shapes), turn });
const times = (count: number, shape: Shape = {}) => Array.from({ length: count }, () => shape);

describe("the counters of the gate", () => {
  it("ask for memory at the tenth turn of the person, and again ten turns later", () => {
    const due = Array.from({ length: 25 }, (_, n) => decide(times(n + 1))).map(
      (decision) => decision.review && decision.memory,
    );
    expect(due.flatMap((isDue, n) => (isDue ? [n + 1] : []))).toEqual([10, 20]);
  });

  it("start afresh when the memory tool was used", () => {
    const shapes = [...times(4), { calls: [["memory", { success: true }]] } satisfies Shape, ...times(9)];
    expect(decide(shapes)).toEqual({ review: false, reason: "not-due" });
    expect(decide([...shapes, {}])).toMatchObject({ review: true, memory: true });
  });

  it("ask for skills after ten model calls without skill_manage, which a single turn may make", () => {
    const busy: Shape = { calls: Array.from({ length: 9 }, () => ["terminal", { exit_code: 0 }]) };
    expect(decide([busy])).toEqual({ review: true, memory: false, skills: true, reason: "10-calls", unhelpful: [] });
    const withSkill: Shape = { calls: [...(busy.calls ?? []), ["skill_manage", { success: true }]] };
    expect(decide([withSkill])).toEqual({ review: false, reason: "not-due" });
  });

  it("do not lose what fell into a turn that was stopped", () => {
    const stopped: Shape = { finish: "notice" };
    expect(decide([...times(9), stopped])).toEqual({ review: false, reason: "not-answered" });
    expect(decide([...times(9), stopped, {}])).toMatchObject({ review: true, memory: true });
  });

  it("do not count what jobs said as the person's turns", () => {
    expect(decide([...times(8), ...times(1, { rang: true }), {}])).toMatchObject({ review: true, memory: false });
  });

  it("go on after /new, and start afresh with a review that was due in an earlier session", () => {
    const short = (turn: number, shape: Shape = {}) => ({ steps: turnOf(turn, shape) });
    const due = Array.from({ length: 25 }, (_, n) =>
      reviewDecision({ ...short(n + 1), turn: n + 1, before: Array.from({ length: n }, (_each, at) => short(at + 1)) }),
    );
    expect(due.flatMap((each, n) => (each.review && each.memory ? [n + 1] : []))).toEqual([10, 20]);
  });

  it("are all that goes on: there is nothing to correct in the first turn of a new session", () => {
    const says = "No, use metric units";
    const before = [{ steps: turnOf(1, {}) }];
    expect(reviewDecision({ steps: turnOf(2, { says }), turn: 2, before })).toMatchObject({ review: false });
    const resumed = { steps: turnOf(2, { says }), isContinued: true };
    expect(reviewDecision({ ...resumed, turn: 2, before })).toMatchObject({ review: true, reason: "corrected" });
  });

  it("rest on the last turns alone: fewer than fifty, from a start that stays for forty of them", () => {
    const starts = Array.from({ length: 200 }, (_, turn) => gateWindowStart(turn));
    for (const [turn, start] of starts.entries()) expect(turn - start).toBeLessThan(41);
    expect(new Set(starts).size).toBe(5);
    expect([gateWindowStart(0), gateWindowStart(39), gateWindowStart(40), gateWindowStart(79)]).toEqual([0, 0, 39, 39]);
  });

  it("look at the turns before the one that is asked about, and at none after it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 10 }), (before, after) => {
        expect(decide(times(before + after), before)).toEqual(decide(times(before)));
      }),
    );
  });
});

describe("a turn that nobody can learn from", () => {
  it.each([
    ["a stopped one", { finish: "notice" }, "not-answered"],
    ["one without a text", { answer: " " }, "no-text"],
    ["one that the provider's filter ended", { finish: "content-filter" }, "not-answered"],
    ["one that a job began", { rang: true }, "nobody-asked"],
  ] satisfies [string, Shape, string][])("is %s", (_, shape, reason) => {
    expect(decide([...times(9), shape])).toEqual({ review: false, reason });
  });

  it("is a command, a scheduled turn, a delegated turn, and one whose tools still run", () => {
    const steps = sessionOf(times(10));
    expect(reviewDecision({ steps, turn: 11 })).toEqual({ review: false, reason: "no-step" });
    expect(reviewDecision({ steps, turn: 10, origin: "cron" })).toEqual({ review: false, reason: "cron" });
    expect(reviewDecision({ steps, turn: 10, origin: "delegated" })).toEqual({ review: false, reason: "delegated" });
    const calling = turnOf(11, { calls: [["terminal", {}]] }).slice(0, 1);
    expect(reviewDecision({ steps: [...steps, ...calling], turn: 11 })).toEqual({
      review: false,
      reason: "unfinished",
    });
  });
});

describe("what happened in a turn", () => {
  it("starts a review when the person corrected the agent, for memory and skills", () => {
    expect(decide([{}, { says: "No, use metric units" }])).toEqual({
      review: true,
      memory: true,
      skills: true,
      reason: "corrected",
      unhelpful: [],
    });
  });

  it("says which skills had been loaded for what was corrected", () => {
    const loading: Shape = {
      calls: [
        ["skill_view", { name: "units" }],
        ["skill_view", { error: "There is no skill x." }],
      ],
    };
    expect(decide([loading, { says: "No, use metric units" }])).toMatchObject({ unhelpful: ["units"] });
    expect(decide([loading, {}, { says: "No, use metric units" }])).toMatchObject({ unhelpful: [] });
  });

  it("is no correction in the first turn, where there was nothing to correct", () => {
    expect(decide([{ says: "No, use metric units" }])).toEqual({ review: false, reason: "not-due" });
  });

  it("starts one for skills when a tool failed after a skill was read, and not when it failed before", () => {
    const view: [string, object] = ["skill_view", { name: "deploys", content: "…" }];
    const failing: [string, object] = ["terminal", { exit_code: 2 }];
    expect(decide([{ calls: [view, failing] }])).toEqual({
      review: true,
      memory: false,
      skills: true,
      reason: "skill-failed",
      unhelpful: ["deploys"],
    });
    expect(decide([{ calls: [failing, view] }])).toEqual({ review: false, reason: "not-due" });
    expect(decide([{ calls: [["skill_view", { error: "There is no skill x." }], failing] }])).toMatchObject({
      review: false,
    });
    expect(decide([{ calls: [view, ["patch", { error: "no match" }]] }])).toMatchObject({ review: true });
  });

  it("resets the counters, so that the tenth turn after a correction is the next", () => {
    const shapes = [...times(5), { says: "from now on answer in French" }, ...times(9)];
    expect(decide(shapes)).toEqual({ review: false, reason: "not-due" });
    expect(decide([...shapes, {}])).toMatchObject({ review: true, memory: true });
  });
});

describe("a correction", () => {
  it.each([
    "No, I meant the other file",
    "no: shorter please",
    "Stop using bullet points.",
    "please don't ever use emojis again",
    "Always answer in one sentence",
    "I told you not to touch main",
    "That's not what I asked for",
    "From now on use tabs",
    "[Ada, 42] never call me sir",
    "Nein, ich meinte die andere Datei",
    "Ich habe dir doch gesagt, dass du das lassen sollst",
    "Ab jetzt bitte immer auf Deutsch",
    "Non, en français",
    "arrête de résumer",
    "De ahora en adelante usa euros",
    "deja de usar listas",
    "não, quero em português",
    "smetti di scrivere in inglese",
    "Nee, korter graag",
    "以后请用中文回答",
    "これからは短く答えて",
    "нет, короче",
    "Too long.",
    "That's way too formal, please rewrite it",
    "Don't use bullet points",
    "Don’t use bullet points",
    "That is wrong",
    "That's not quite right: Oslo is in Norway",
    "Wrong. It is Tuesday",
    "Use spaces, not tabs",
    "Please use euros instead of dollars",
    "Shorter, please",
    "keep it shorter",
    "You forgot the tests",
    "I didn't ask for a summary",
    "Just give me the answer",
    "Bitte kürzer",
    "kürzer bitte!",
    "Zu lang.",
    "Das ist immer noch zu förmlich",
    "Das stimmt so nicht",
    "Das ist nicht richtig",
    "Nimm Leerzeichen, keine Tabs",
    "Verwende Euro statt Dollar",
    "Schreib bitte keine Listen",
    "Bitte keine Emojis mehr",
    "Du hast die Tests vergessen",
    "Bitte duze mich",
    "Trop long.",
    "Más corto, por favor",
  ])("is: %s", (text) => expect(isCorrection(text)).toBe(true));

  it.each([
    "no",
    "No, thanks!",
    "No worries, take your time",
    "nein, danke",
    "Can you stop the server?",
    "What does 'always' mean in Verilog?",
    "The train never stops here",
    "No news from Oslo yet?",
    "It always fails on Mondays, why?",
    "Translate: the cat said hello",
    "Write a poem about November",
    "¿No hay trenes hoy?",
    "Para mañana necesito un plan",
    "Para quando é a reunião?",
    "It took too long to load, what can I do?",
    "Is the flight too long for a baby?",
    "Too many requests, says the server. Why?",
    "What is wrong with this code?",
    "Something is wrong with my printer",
    "Don't forget to book the table",
    "Don't send it yet",
    "Don't use the new key until Monday",
    "Don't worry",
    "Use the blue one",
    "Can you use spaces, not tabs?",
    "Which route is shorter?",
    "Is a shorter one possible?",
    "You keep bees, right?",
    "You forgot nothing, did you?",
    "Just tell me when it is done",
    "Ist das Kabel zu kurz?",
    "Wie lange dauert das, zu lang?",
    "Welcher Weg ist kürzer?",
    "Kein Problem",
    "Bitte keine Umstände, ich komme später",
    "Keine Ahnung",
    "Mach dir keine Sorgen",
    "Habe ich den Schlüssel vergessen?",
    "Was stimmt hier nicht?",
    "Nicht so schlimm",
    `${"Dear all, from now on the office closes at five. ".repeat(20)} Please translate.`,
  ])("is not: %s", (text) => expect(isCorrection(text)).toBe(false));
});
