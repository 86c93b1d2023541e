import * as z from "zod";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ReviewEvent } from "../../../core/learning/review/event.ts";
import type { ReviewPorts } from "../../../core/learning/review/ports.ts";
import { readOnce } from "../../../core/learning/review/read-once.ts";
import { runReview } from "../../../core/learning/review/run.ts";
import type { Brain, Reply } from "../../fakes/model-server.ts";
import { skillsList } from "../../../core/tools/skills-list.ts";
import type { Tool } from "../../../core/tools/tool.ts";
import { startAgent, until, type TestAgent } from "../../support/agent.ts";
import { skillText } from "../skills/skill-bench.ts";
import { Died, isReview, iterationOf, lastResults, reviewBench } from "./review-bench.ts";

let agent: TestAgent;
let answer: Brain;
let review: Brain;

beforeAll(async () => {
  agent = await startAgent((request) => (isReview(request) ? review(request) : answer(request)), {
    // The turns of these tests start no review by themselves.
    settings: { TALARIA_ALLOWED_USERS: "*", TALARIA_REVIEW: "off" },
  });
});
afterAll(() => agent.close());

let person = 9000;
let conversation: string;
const newPerson = () => {
  person += 1;
  conversation = `main:telegram::direct:${person}::`;
};
beforeEach(() => {
  newPerson();
  answer = () => ({ text: "It is done." });
  review = () => ({ text: "Nothing to save." });
  agent.telegram.messages.length = 0;
  agent.model.requests.length = 0;
});

const owner = () => `telegram::${person}`;
const chat = () => agent.telegram.messages.filter((message) => message.chat === String(person)).map(({ text }) => text);
const leaseOf = async () => {
  const lease = await agent.store.leases.current(conversation);
  if (!lease) throw new Error("There was no turn.");
  return lease;
};

/** Turns with these messages; the event of the last one. */
async function talk(...texts: string[]): Promise<ReviewEvent> {
  for (const text of texts) {
    await agent.say(text, { from: person });
    await until("the end of the turn", async () => (await agent.store.leases.current(conversation))?.held === false);
  }
  const { session, turn } = await leaseOf();
  return { conversation, session, turn };
}
const correctedTurn = () => talk("Convert 3 miles", "No, I always want kilometres first");

/** A script for a review: one reply for each iteration, the last one for all that follow. */
const script =
  (...replies: Reply[]): Brain =>
  (request) =>
    replies[Math.min(iterationOf(request), replies.length - 1)] ?? { text: "" };
const call = (name: string, args: object): NonNullable<Reply["toolCalls"]>[number] => ({ name, arguments: args });
const saveTea = call("memory", { target: "user", action: "add", content: "Wants kilometres first." });
const newSkill = (name: string) =>
  call("skill_manage", {
    action: "create",
    name,
    content: skillText(name, { description: `Use when ${name} comes up.` }),
    reason: "The person corrected the units.",
  });
const done: Reply = { text: "Kept the units." };

describe("the prompt of a review", () => {
  it("begins with exactly the bytes of the turn's last request, and the same tools and model", async () => {
    answer = (request) =>
      lastResults(request).length > 0
        ? { text: "It is done." }
        : {
            text: "Looking.",
            toolCalls: [call("todo", { todos: [{ id: "1", content: "Größe é 漢字", status: "pending" }] })],
          };
    const event = await correctedTurn();
    const before = agent.model.requests.at(-1)?.raw ?? "";
    expect(await runReview(event, reviewBench(agent).ports)).toBe("done");
    const after = agent.model.requests.at(-1)?.raw ?? "";
    const messages = (raw: string) => JSON.stringify((JSON.parse(raw) as { messages: unknown }).messages);
    const prefix = messages(before).slice(0, -1);
    const end = before.indexOf(prefix) + prefix.length;
    expect(end).toBeGreaterThan(prefix.length);
    expect(after.slice(0, end)).toBe(before.slice(0, end));
    expect(messages(after).startsWith(`${prefix},`)).toBe(true);
    const rest = (raw: string) => ({ ...(JSON.parse(raw) as object), messages: 0 });
    expect(rest(after)).toEqual(rest(before));
  });

  it("ends with one message, the rubric, with the parts that are due and the focus that was asked for", async () => {
    const event = await correctedTurn();
    await runReview({ ...event, focus: "how I like tables" }, reviewBench(agent).ports);
    const { messages = [] } = agent.model.requests.at(-1) ?? {};
    const said = messages.at(-1);
    expect(said?.role).toBe("user");
    const text = said?.role === "user" ? said.text : "";
    for (const part of ["# Memory", "# Skills", "# Never keep", "how I like tables"]) expect(text).toContain(part);
    expect(messages.filter(({ role }) => role === "user")).toHaveLength(3);
  });
});

describe("a review", () => {
  it("changes memory and skills under its own name and leaves the conversation as it was", async () => {
    const event = await correctedTurn();
    const state = async () => JSON.stringify([await agent.store.steps.from(event.session, 0), await leaseOf()]);
    const before = await state();
    const { ports, lines, notes, logged } = reviewBench(agent);
    review = script({ toolCalls: [saveTea, newSkill(`units-${person}`)] }, done);
    expect(await runReview(event, ports)).toBe("done");
    expect(await state()).toBe(before);
    expect(await notes(owner())).toEqual(["Wants kilometres first."]);
    expect((await lines(owner())).map(({ actor, session, turn }) => ({ actor, session, turn }))).toEqual(
      [1, 2].map(() => ({ actor: "review", session: event.session, turn: event.turn })),
    );
    const record = await ports.reviews.get(event.session, event.turn, "");
    expect(record).toMatchObject({ status: "done", result: "both", ended: "finished", reason: "corrected" });
    expect(logged.find((line) => line.event === "review.ended")?.fields).toMatchObject({
      result: "both",
      iterations: 2,
    });
    expect(chat().at(-1)).toBe(`Self-improvement review: notes about you updated · new skill units-${person}`);
  });

  it("may call memory and skill tools alone, though the model sees all of them", async () => {
    const event = await correctedTurn();
    const seen: string[] = [];
    review = (request) => {
      seen.push(...lastResults(request));
      return iterationOf(request) === 0
        ? {
            toolCalls: [call("terminal", { command: "touch /tmp/x" }), call("skills_list", {}), call("write_file", {})],
          }
        : done;
    };
    const { ports } = reviewBench(agent);
    let ran = 0;
    const terminal: Tool = {
      ...skillsList,
      name: "terminal",
      input: z.looseObject({}),
      run: async () => (ran += 1),
    };
    await runReview(event, { ...ports, tools: [...ports.tools, terminal] });
    expect(ran).toBe(0);
    expect(seen).toHaveLength(3);
    expect(seen[0]).toContain("In a review only");
    expect(seen[1]).toContain("skills");
    expect(seen[2]).toContain("In a review only");
  });

  it("ends after sixteen model calls", async () => {
    const event = await correctedTurn();
    review = () => ({ toolCalls: [call("skills_list", {})] });
    const { ports } = reviewBench(agent);
    await runReview(event, ports);
    expect(agent.model.requests.filter(isReview)).toHaveLength(16);
    expect(await ports.reviews.get(event.session, event.turn, "")).toMatchObject({
      status: "done",
      ended: "iterations",
      result: "none",
    });
    expect(chat()).toHaveLength(2);
  });

  it("is not run for a turn that is not due, nor for a session of another conversation", async () => {
    const event = await talk("hello");
    const { ports, logged } = reviewBench(agent);
    expect(await runReview(event, ports)).toBe("not-due");
    expect(await runReview({ ...event, conversation: "main:telegram::direct:1::" }, ports)).toBe("not-due");
    expect(logged.map(({ fields }) => fields["reason"])).toEqual(["not-due", "no-session"]);
    expect(agent.model.requests.filter(isReview)).toEqual([]);
  });

  it("comes at the tenth turn also where each of the sessions had one alone", async () => {
    for (let at = 0; at < 8; at += 1) await talk("hello", "/new");
    // A session that was never opened does not break the chain.
    const ninth = await talk("/new", "hello");
    const { ports, logged } = reviewBench(agent);
    expect(await runReview(ninth, ports)).toBe("not-due");
    expect(await runReview(await talk("/new", "hello"), ports)).toBe("done");
    expect(logged.find(({ event }) => event === "review.begun")?.fields["reason"]).toMatch(/^10-turns/);
  });

  it("is run once for an event that is delivered twice", async () => {
    const event = await correctedTurn();
    const { ports, notes } = reviewBench(agent);
    review = script({ toolCalls: [saveTea] }, done);
    await runReview(event, ports);
    const asked = agent.model.requests.length;
    expect(await runReview(event, ports)).toBe("done");
    expect(agent.model.requests).toHaveLength(asked);
    expect(await notes(owner())).toHaveLength(1);
    expect(chat().filter((text) => text.startsWith("Self-improvement"))).toHaveLength(1);
  });

  it("is told nothing of what was said after its turn, and is not ended by it", async () => {
    const event = await correctedTurn();
    await talk("And now something else entirely");
    review = script({ toolCalls: [saveTea] }, done);
    expect(await runReview(event, reviewBench(agent).ports)).toBe("done");
    expect(JSON.stringify(agent.model.requests.at(-1)?.messages)).not.toContain("something else entirely");
  });

  it("reads again when somebody else changed a skill meanwhile", async () => {
    const event = await correctedTurn();
    const name = `tables-${person}`;
    const { ports } = reviewBench(agent);
    const learner = { profile: "main", owner: "x", session: "ses_other", turn: 1 };
    const other = ports.skills(learner, new Set());
    await other.commit({
      name,
      version: 0,
      reason: "r",
      files: [{ path: "SKILL.md", content: skillText(name, { body: "One." }) }],
    });
    const patch = call("skill_manage", { action: "patch", name, old_string: "One.", new_string: "Two." });
    const view = call("skill_view", { name });
    const seen: string[] = [];
    review = async (request) => {
      seen.push(...lastResults(request));
      const at = iterationOf(request);
      if (at === 1) {
        const found = await other.find(name);
        if (found) await other.readFile(found, "SKILL.md").then(() => other.count(name, "view"));
        const content = skillText(name, { body: "One. And more." });
        expect(
          await other.commit({ name, version: 1, reason: "r", files: [{ path: "SKILL.md", content }] }),
        ).toMatchObject({ ok: true });
      }
      return (
        [{ toolCalls: [view] }, { toolCalls: [patch] }, { toolCalls: [view] }, { toolCalls: [patch] }, done][at] ?? done
      );
    };
    await runReview(event, ports);
    expect(seen[1]).toContain("error");
    expect(seen[3]).toContain('"success":true');
    const record = await other.find(name);
    const text = record && Buffer.from((await other.readFile(record, "SKILL.md")) ?? []).toString();
    expect(text).toContain("Two. And more.");
  });
});

describe("what a review costs", () => {
  it("is a row of its own, and counts against the month's budget", async () => {
    const event = await correctedTurn();
    review = script(
      { toolCalls: [call("skills_list", {})], usage: { inputTokens: 1_000, outputTokens: 10 } },
      { ...done, usage: { inputTokens: 1_100, outputTokens: 5 } },
    );
    const { ports } = reviewBench(agent);
    const costs = ports.costs("main");
    await runReview(event, ports);
    expect(await costs.ofMonth("background_review", Date.now())).toMatchObject({
      inputTokens: 2_100,
      outputTokens: 15,
      modelCalls: 2,
    });
    const next = await talk("no, shorter please");
    const { ports: poor, logged } = reviewBench(agent, { monthlyTokens: 2_115 });
    expect(await runReview(next, { ...poor, costs: () => costs })).toBe("not-due");
    expect(logged.at(-1)?.fields["reason"]).toBe("budget-spent");
    expect(await runReview(next, { ...ports, costs: () => costs })).toBe("done");
  });
});

describe("the store that those who work on a delivered turn share", () => {
  it("says what the store itself says, and reads the session and its last turns once", async () => {
    const { session, turn } = await talk("one", "two", "three");
    const reads: string[] = [];
    const { sessions, steps } = agent.store;
    const counted = {
      ...reviewBench(agent).ports.store,
      sessions: { get: (id: string) => (reads.push("session"), sessions.get(id)) },
      steps: { from: (id: string, first: number) => (reads.push("steps"), steps.from(id, first)) },
    };
    const shared = readOnce({ session, turn }, counted);
    const first = turn - 2;
    const seen = await Promise.all([first, turn, first + 1, turn + 1].map((from) => shared.steps.from(session, from)));
    const direct = await Promise.all([first, turn, first + 1, turn + 1].map((from) => steps.from(session, from)));
    expect(seen).toEqual(direct);
    expect(await shared.sessions.get(session)).toEqual(await sessions.get(session));
    expect(reads).toEqual(["session", "steps"]);
    expect(await shared.steps.from("ses_another", 0)).toEqual([]);
    expect(reads).toHaveLength(3);
  });
});

describe("a review", () => {
  it("has no workspace to save a skill's file to", async () => {
    const { ports, ship } = reviewBench(agent);
    await ship("code-review");
    const answers: string[] = [];
    review = (request) => {
      answers.push(...lastResults(request));
      return script({ toolCalls: [call("skill_view", { name: "code-review", save_to: "x.md" })] }, done)(request);
    };
    await runReview(await correctedTurn(), ports);
    expect(answers.at(-1)).toMatch(/has memory and skills, and nothing else/);
  });
});

describe("what is not a review's to change", () => {
  const about = { description: "Review a diff for defects" };
  const repeat = call("skill_manage", {
    action: "create",
    name: "reviewing-code",
    content: skillText("reviewing-code", about),
  });
  const patch = call("skill_manage", {
    action: "patch",
    name: "code-review",
    old_string: "Do it.",
    new_string: "Do it well.",
  });

  it("is not written a second time, and the person is told in one line how to allow it", async () => {
    const { ports, ship, lines } = reviewBench(agent);
    await ship("code-review", about);
    const answers: string[] = [];
    review = (request) => {
      answers.push(...lastResults(request));
      return script({ toolCalls: [repeat] }, { toolCalls: [patch] }, done)(request);
    };
    await runReview(await correctedTurn(), ports);
    const [refusedRepeat = "", refusedPatch = ""] = answers.slice(-2);
    expect(refusedRepeat).toMatch(/code-review.*of origin .*cannot change it.*\/skills adopt code-review/);
    expect(refusedRepeat).not.toMatch(/[Pp]atch/);
    expect(refusedPatch).toMatch(/\/skills adopt code-review/);
    expect((await lines(owner())).map(({ actor }) => actor)).toEqual(["deployment"]);
    expect(chat().at(-1)).toBe(
      "Self-improvement review: skill code-review could be better but is not mine to change: /skills adopt code-review lets me",
    );
  });
});

describe("the notice", () => {
  it("is not sent when it is off, and shows what was kept when it is verbose", async () => {
    review = script({ toolCalls: [saveTea] }, done);
    await runReview(await correctedTurn(), reviewBench(agent, { notice: "off" }).ports);
    expect(chat()).toHaveLength(2);
    await runReview(await talk("no, shorter please"), reviewBench(agent, { notice: "verbose" }).ports);
    expect(chat().at(-1)).toContain("saved “Wants kilometres first.”");
  });

  it("says why nothing was looked over when the person asked: the budget is spent, the model refused", async () => {
    const event = { ...(await correctedTurn()), focus: "" };
    await runReview({ ...event, asked: "first" }, reviewBench(agent, { monthlyTokens: 0 }).ports);
    expect(chat().at(-1)).toContain("used up this month's 0 tokens");
    review = () => ({ error: { status: 401, message: "the key is wrong" } });
    expect(await runReview({ ...event, asked: "second" }, reviewBench(agent).ports)).toBe("failed");
    expect(chat().at(-1)).toMatch(/I could not look it over \(.+\): `?\/refine/);
  });

  it("is looked at when the person asks although reviews are off", async () => {
    const event = { ...(await correctedTurn()), focus: "" };
    expect(await runReview(event, reviewBench(agent, { isOn: false }).ports)).toBe("done");
    expect(chat().at(-1)).toBe("Self-improvement review: nothing to save.");
  });

  it("says that there was nothing when the person asked for the review", async () => {
    const event = await talk("hello");
    await runReview({ ...event, focus: "" }, reviewBench(agent, { notice: "off" }).ports);
    expect(chat().at(-1)).toBe("Self-improvement review: nothing to save.");
  });
});

describe("a model that does not answer", () => {
  it("is asked again by the next delivery, and given up after the third", async () => {
    const event = await correctedTurn();
    const { ports } = reviewBench(agent);
    review = () => ({ error: { status: 503, message: "overloaded" } });
    for (const _ of [1, 2]) await expect(runReview(event, ports)).rejects.toMatchObject({ kind: "retryable" });
    expect(await runReview(event, ports)).toBe("failed");
    expect(await runReview(event, ports)).toBe("failed");
    expect(chat()).toHaveLength(2);
  });

  it("is not asked again when it refuses", async () => {
    const event = await correctedTurn();
    review = () => ({ error: { status: 401, message: "bad key" } });
    expect(await runReview(event, reviewBench(agent).ports)).toBe("failed");
  });
});

describe("a worker that dies", () => {
  let doubts = 0;
  /** Looks before it repeats what nobody knows the outcome of. */
  const careful =
    (name: string): Brain =>
    (request) => {
      const results = lastResults(request).join("\n");
      if (iterationOf(request) === 0) return { toolCalls: [saveTea, newSkill(name)] };
      if (results.includes("outcome is unknown")) doubts += 1;
      if (results.includes("outcome is unknown")) return { toolCalls: [saveTea, call("skill_view", { name })] };
      if (results.includes("There is no skill")) return { toolCalls: [newSkill(name)] };
      return done;
    };

  /** The same turn is reviewed afresh each time: under a name of its own, in a profile that has learnt nothing yet. */
  const afresh = (base: ReviewPorts, name: string): ReviewPorts => {
    const { reviews } = base;
    const own = (session: string) => `${session}-${name}`;
    return {
      ...base,
      reviews: {
        get: (session, turn, asked) => reviews.get(own(session), turn, asked),
        begin: (session, record) => reviews.begin(own(session), record),
        takeOver: (session, record, claim) => reviews.takeOver(own(session), record, claim),
        save: (session, record) => reviews.save(own(session), record),
      },
    };
  };

  async function survive(event: ReviewEvent, at: number, when: "before" | "after"): Promise<boolean> {
    const name = `units-${when}-${at}`;
    agent.telegram.messages.length = 0;
    review = careful(name);
    const { ports, notes, dying } = reviewBench(agent);
    const own = afresh(ports, name);
    const worker = dying(at, when);
    await runReview(event, afresh(worker.ports, name)).catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
    });
    await runReview(event, own);
    const record = await own.reviews.get(event.session, event.turn, "");
    const library = own.skills({ profile: "", owner: "", session: "", turn: 0 }, new Set());
    const skills = await library.list();
    const texts = await Promise.all(skills.map((skill) => library.readFile(skill, "SKILL.md")));
    const notices = chat().filter((text) => text.startsWith("Self-improvement"));
    expect({
      death: `${when} call ${at}`,
      status: record?.status,
      result: record?.status === "done" && record.result,
      notes: await notes(owner()),
      skills: skills.map((skill) => skill.name),
      areWhole: texts.every((text) => text !== undefined && text.length > 0),
      isNotToldTwice: notices.length <= 1,
      used: await own.costs("").ofMonth("background_review", Date.now()),
    }).toEqual({
      death: `${when} call ${at}`,
      status: "done",
      result: "both",
      notes: ["Wants kilometres first."],
      skills: [name],
      areWhole: true,
      isNotToldTwice: true,
      used: record?.usage,
    });
    return worker.died();
  }

  it.each(["before", "after"] as const)(
    "%s any of its calls is followed by one that goes on, and nothing is doubled",
    async (when) => {
      const event = await correctedTurn();
      let died = 0;
      doubts = 0;
      for (let at = 1; at < 100; at += 1) {
        if (!(await survive(event, at, when))) break;
        died += 1;
      }
      expect(died).toBeGreaterThan(20);
      expect(died).toBeLessThan(99);
      expect(doubts).toBeGreaterThan(0);
    },
    120_000,
  );

  it("and comes back finds its review taken, and stops", async () => {
    const event = await correctedTurn();
    const { ports, notes } = reviewBench(agent);
    review = async (request) => {
      if (iterationOf(request) === 0 && !late) {
        late = true;
        expect(await runReview(event, ports)).toBe("done");
      }
      return iterationOf(request) === 0 ? { toolCalls: [saveTea] } : done;
    };
    let late = false;
    expect(await runReview(event, ports)).toBe("taken-over");
    expect(await notes(owner())).toEqual(["Wants kilometres first."]);
    expect(chat().filter((text) => text.startsWith("Self-improvement"))).toHaveLength(1);
  });
});
