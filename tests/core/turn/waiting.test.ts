/** What may happen between a call that waits and its result, one worker after the other, on the real store and shell. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Inbound } from "../../../core/conversation/inbound.ts";
import type { Place } from "../../../core/conversation/place.ts";
import type { StepRecord } from "../../../core/conversation/turn.ts";
import { abandonTurn } from "../../../core/turn/abandon.ts";
import type { TurnInput } from "../../../core/turn/machine.ts";
import type { TurnPorts } from "../../../core/turn/ports.ts";
import { ring } from "../../../core/turn/ring.ts";
import { runTurn } from "../../../core/turn/run.ts";
import { readEnvironment } from "../../../functions/compose/environment.ts";
import { composeTurn } from "../../../functions/compose/turn.ts";
import type { Brain } from "../../fakes/model-server.ts";
import { telegramBlocked, telegramFlood } from "../../fakes/platform-telegram.ts";
import { startAgent, type TestAgent } from "../../support/agent.ts";
import { bubblewrapHere } from "../shells/runners.ts";

let agent: TestAgent;
let ports: TurnPorts;
let brain: Brain;
const isSandboxed = (await bubblewrapHere()) !== undefined;

beforeAll(async () => {
  agent = await startAgent((request) => brain(request), {
    settings: { TALARIA_INLINE_SECONDS: "0.2", TALARIA_APPROVALS: "manual", TALARIA_APPROVE_OUTWARD: "ask" },
  });
  // Nothing is started or woken by itself: each test is the state machine.
  ports = { ...composeTurn(readEnvironment()), startTurn: async () => {}, wakeTurn: async () => {} };
});
afterAll(() => agent.close());

let person = 500;
let place: Place;
let conversation: string;
beforeEach(() => {
  person += 1;
  place = { platform: "telegram", chat: String(person), kind: "direct" };
  conversation = `main:telegram::direct:${person}::`;
});
/** From here on the test happens in a thread that several people share. */
const inThread = () => {
  place = { platform: "telegram", chat: `-${person}`, kind: "group", thread: "7" };
  conversation = `main:telegram::group:-${person}:7:`;
};

let order = 0;
async function hear(text: string, from = String(person)): Promise<void> {
  order += 1;
  const message: Inbound = { key: `k${order}`, place, sender: { id: from }, text, sentAt: order, order: "0" };
  await ports.store.inbox.add(conversation, message);
}
async function begin(text: string): Promise<TurnInput> {
  await hear(text);
  const taken = await ports.store.leases.acquire(conversation, { session: `ses_${person}`, place });
  if (!taken) throw new Error("The conversation is taken.");
  return { conversation, session: taken.session, turn: taken.turn };
}
const stepsOf = ({ session }: TurnInput) => ports.store.steps.from(session, 0);
const resultsOf = (step: StepRecord | undefined) => JSON.stringify(step?.results ?? []);
const pending = async () => (await ports.store.inbox.pending(conversation)).map(({ text }) => text);
async function jobOf(turn: TurnInput): Promise<string> {
  const step = (await stepsOf(turn)).at(-1);
  const state = step?.status === "open" ? step.waits[0]?.state : undefined;
  return String((state as { job?: string } | undefined)?.job);
}

const push = { name: "terminal", arguments: { command: "git push origin main; echo pushed" } };
const build = { name: "terminal", arguments: { command: "sleep 30", timeout: 3600 } };
const question = { name: "clarify", arguments: { question: "Red?" } };
/** Asks for these calls, then ends. */
const calling =
  (...toolCalls: { name: string; arguments: object }[]): Brain =>
  ({ messages }) =>
    messages.some(({ role }) => role === "tool") ? { text: "Done." } : { toolCalls };
const inDoor = () => ({ conversation, session: "ses_old", workspace: "w", place, sender: String(person) });

it("a permission asked for in the second step of a thread's turn is not given by somebody else", async () => {
  inThread();
  brain = ({ messages }) => {
    const results = messages.filter(({ role }) => role === "tool").length;
    if (results > 1) return { text: "Done." };
    return { toolCalls: [results === 0 ? { name: "todo", arguments: {} } : push] };
  };
  const turn = await begin("publish");
  expect(await runTurn(turn, ports)).toMatchObject({ next: "wait" });
  await hear("yes", "eve");
  expect(await runTurn(turn, ports)).toMatchObject({ next: "wait" });
  const step = (await stepsOf(turn))[1];
  expect(step?.status).toBe("open");
  expect(resultsOf(step)).not.toContain("pushed");
});

it("what was said before the question was asked does not allow the command", async () => {
  let calls = 0;
  brain = async () => {
    calls += 1;
    if (calls > 1) return { text: "Done." };
    // Said while the model thinks.
    await hear("ok");
    return { toolCalls: [push] };
  };
  const turn = await begin("what is new in the repository?");
  await runTurn(turn, ports);
  await runTurn(turn, ports);
  expect(resultsOf((await stepsOf(turn))[0])).not.toContain("pushed");
});

it("a message that was in the queue before the wait is not left lying by it", async () => {
  brain = calling(question);
  const turn = await begin("paint");
  await hear("/status");
  await hear("by the way, call mum");
  let next = (await runTurn(turn, ports)).next;
  while (next === "continue") next = (await runTurn(turn, ports)).next;
  expect(await pending()).toEqual([]);
});

it("an aside that cannot be sent costs the waiting call nothing", async () => {
  brain = calling(question, { name: "write_file", arguments: { path: "x", content: "x" } });
  const turn = await begin("paint");
  await runTurn(turn, ports);
  await hear("/status");
  agent.telegram.failNext({ operation: "sendMessage", ...telegramBlocked });
  expect(await runTurn(turn, ports)).toMatchObject({ next: "wait" });
  await hear("red");
  await runTurn(turn, ports);
  const [step] = await stepsOf(turn);
  expect(resultsOf(step)).toContain("red");
  expect(resultsOf(step)).not.toContain("outcome is unknown");
});

it("an aside waits for a platform that asks for a pause", async () => {
  brain = calling(question);
  const turn = await begin("paint");
  await runTurn(turn, ports);
  await hear("/whoami");
  agent.telegram.failNext({ operation: "sendMessage", ...telegramFlood(1) });
  expect(await runTurn(turn, ports)).toMatchObject({ next: "wait" });
  expect(agent.telegram.messages.at(-1)?.text).toContain(String(person));
  expect(await pending()).toEqual([]);
});

it("an aside that the platform takes at no look at the step is answered when the turn is over", async () => {
  brain = calling(question);
  const turn = await begin("paint");
  await runTurn(turn, ports);
  await hear("/whoami");
  // Longer than a delivery waits.
  agent.telegram.failNext({ operation: "sendMessage", ...telegramFlood(60) });
  expect(await runTurn(turn, ports)).toMatchObject({ next: "wait" });
  expect(await pending()).toEqual(["/whoami"]);
  agent.telegram.failNext({ operation: "sendMessage", ...telegramFlood(60) });
  await hear("red");
  let next = (await runTurn(turn, ports)).next;
  while (next === "continue") next = (await runTurn(turn, ports)).next;
  expect(agent.telegram.messages.at(-1)?.text).toContain("Done.");
  const after = await ports.store.leases.current(conversation);
  if (!after) throw new Error("no turn was begun");
  await runTurn(after, ports);
  expect(agent.telegram.messages.at(-1)?.text).toContain(`telegram:${person}`);
  expect(await pending()).toEqual([]);
});

it("an aside that the platform did not take is answered at the next look at the step", async () => {
  brain = calling(question);
  const turn = await begin("paint");
  await runTurn(turn, ports);
  await hear("/whoami");
  agent.telegram.failNext({ operation: "sendMessage", ...telegramFlood(60) });
  expect(await runTurn(turn, ports)).toMatchObject({ next: "wait" });
  await hear("/status");
  expect(await runTurn(turn, ports)).toMatchObject({ next: "wait" });
  const texts = agent.telegram.messages.map(({ text }) => text);
  expect(texts.filter((text) => text.includes(`telegram:${person}`))).toHaveLength(1);
  expect(texts.at(-1)).toContain("Session");
  expect(await pending()).toEqual([]);
});

it("an answer is not lost with the worker that took it", async () => {
  brain = calling(question);
  const turn = await begin("paint");
  await runTurn(turn, ports);
  await hear("DE-4711");
  const close = () => Promise.reject(new Error("died"));
  const dying = { ...ports, store: { ...ports.store, steps: { ...ports.store.steps, close } } };
  await expect(runTurn(turn, dying)).rejects.toThrow("died");
  await runTurn(turn, ports);
  expect(resultsOf((await stepsOf(turn))[0])).toContain("4711");
});

it("a session that a job's news begin belongs to the person whose job it was", async () => {
  brain = () => ({ text: "It ended." });
  await ports.store.doors.open(`job_${person}`, { ...inDoor(), rings: "tell" });
  const newsOf = async () => ({ text: "news", isOver: true });
  await ring({ job: `job_${person}`, event: "ended", number: 0 }, { ...ports, newsOf });
  const held = await ports.store.leases.current(conversation);
  if (!held) throw new Error("no turn was begun");
  await runTurn(held, ports);
  expect((await ports.store.sessions.get(held.session))?.owner).toBe(`telegram::${person}`);
});

it.skipIf(!isSandboxed)("a machine that does not answer once does not end the wait for a long command", async () => {
  brain = calling(build);
  const turn = await begin("build");
  expect(await runTurn(turn, ports)).toMatchObject({ next: "wait" });
  const away = { ...ports, workspace: () => Promise.reject(new Error("the machine does not answer just now")) };
  expect(await runTurn(turn, away)).toMatchObject({ next: "wait" });
  expect((await stepsOf(turn))[0]?.results).toEqual([]);
  await hear("stop");
  await runTurn(turn, ports);
});

it.skipIf(!isSandboxed)("another conversation cannot silence a call that waits for a job", async () => {
  brain = calling(build);
  const turn = await begin("build");
  await runTurn(turn, ports);
  const job = await jobOf(turn);
  const elsewhere = { ...inDoor(), conversation: "main:telegram::direct:1:9:" };
  await ports.store.doors.open(job, { ...elsewhere, rings: "closed" });
  expect((await ports.store.doors.find(job))?.rings).toBe("wake");
  await hear("stop");
  await runTurn(turn, ports);
});

it.skipIf(!isSandboxed)("the command of a turn that was given up is told when it ends", async () => {
  brain = calling(build);
  const turn = await begin("build");
  await runTurn(turn, ports);
  const job = await jobOf(turn);
  await abandonTurn({ ...turn, error: "States.Timeout", cause: "" }, ports);
  const newsOf = async () => ({ text: "news", isOver: true });
  await ring({ job, event: "ended", number: 0 }, { ...ports, newsOf });
  expect(await pending()).toEqual(["news"]);
});

it.skipIf(!isSandboxed)("what was said beside an answer is read although the command then takes long", async () => {
  brain = calling({ name: "terminal", arguments: { command: "git push; sleep 30", timeout: 3600 } });
  const turn = await begin("publish");
  await runTurn(turn, ports);
  await hear("yes");
  await hear("and tell Bob");
  let next = (await runTurn(turn, ports)).next;
  while (next === "continue") next = (await runTurn(turn, ports)).next;
  expect(await pending()).toEqual([]);
});
