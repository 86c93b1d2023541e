import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseJson } from "../../core/base/json.ts";
import type { LedgerEntry } from "../../core/learning/ledger.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { bodyCodec } from "../../core/store/bodies.ts";
import { openCosts } from "../../core/store/costs.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { sessionKey } from "../../core/store/keys.ts";
import { openReviews } from "../../core/store/reviews.ts";
import { openTable, type Item, type Table } from "../../core/store/table.ts";
import { readEnvironment } from "../../functions/compose/environment.ts";
import { composeLearning } from "../../functions/compose/learning.ts";
import { leanAws } from "../../functions/compose/lean-aws.ts";
import { isReview, iterationOf, lastResults } from "../core/learning/review-bench.ts";
import { skillText } from "../core/skills/skill-bench.ts";
import type { Brain, Reply, SeenRequest } from "../fakes/model-server.ts";
import { startAgent, until, type TestAgent } from "../support/agent.ts";

/**
 * Twelve turns with one person: two corrections, a workflow that is shown and repeated, and a skill that proves wrong. The
 * model decides by what it is sent and by nothing else, so what it knows in the end is what the loop has kept for it.
 */
const conversation = "main:telegram::direct:42::";
const owner = "telegram::42";
const skill = "publishing-reports";

const call = (name: string, args: object): Reply => ({ toolCalls: [{ name, arguments: args }] });
const write = (path: string) => call("write_file", { path, content: `${path}\n` });
const read = (path: string) => call("read_file", { path });
const note = (content: string) => call("memory", { target: "user", action: "add", content });
const view = call("skill_view", { name: skill });
const patch = (from: string, to: string, reason: string) =>
  call("skill_manage", { action: "patch", name: skill, old_string: from, new_string: to, reason });

const description = "Publish a report, from its draft to its line in the index";
/** With an error: the index lies elsewhere. */
const body = [
  "# Publishing reports",
  "1. Write the draft into draft.md and read it again.",
  "2. Put it into published/, under its subject.",
  "3. The index is in published/index.md: look at it, add the line.",
].join("\n");
const create = (name: string, about: string) =>
  call("skill_manage", {
    action: "create",
    name,
    content: skillText(name, { description: about, body }),
    reason: about,
  });

/** What a skill says of the index, wherever the model reads it. */
const indexIn = (text: string): string => /The index is in ([^:\s]+):/.exec(text)?.[1] ?? "no-skill";

/** Follows the skill, and looks in the root when the index is not where it says. */
function publish(index: string, done: readonly string[], subject: string): Reply {
  if (done.length === 0) return read(index);
  if (done.length === 1 && done[0]?.includes('"error"')) return read("index.md");
  const isWritten = done.at(-1)?.includes(`published/${subject}`);
  return isWritten ? { text: `Published: ${subject}.` } : write(`published/${subject}.md`);
}
const shown = (subject: string): Reply[] => [
  write("draft.md"),
  read("draft.md"),
  write(`published/${subject}.md`),
  write("index.md"),
  { text: `Published: ${subject}.` },
];

const turns = {
  garden: "Write the weekly garden report.",
  shorter: "No, I want three lines at most.",
  compost: "Thanks. What is compost?",
  roof: "Publish the roof report: write the draft, read it, put it into published/, then add it to the index.",
  gate: "Now the same for the gate report.",
  dates: "I told you before: write dates like 2026-11-22.",
  pond: "Publish the pond report.",
  peru: "What is the capital of Peru?",
  fence: "Publish the fence report.",
  thanks: "Thank you.",
  slugs: "Tell me about slugs.",
  snails: "And about snails?",
};

/** What each review does, by the message that it was held for: one reply for each of its model calls. */
const reviews: Readonly<Record<string, Reply[]>> = {
  [turns.shorter]: [note("Wants reports of three lines at most.")],
  [turns.gate]: [call("skills_list", {}), create(skill, description)],
  [turns.dates]: [
    note("Writes dates like 2026-11-22."),
    create("report-publishing", "Publish reports with dates in their titles"),
    patch("under its subject.", "under its subject; its title ends with the date, like 2026-11-22.", "Blind."),
    view,
    patch(
      "under its subject.",
      "under its subject; its title ends with the date, like 2026-11-22.",
      "Dates in titles.",
    ),
  ],
  [turns.pond]: [view, patch("published/index.md", "index.md", "The index lies in the root.")],
};

const saidIn = ({ messages }: SeenRequest): string[] =>
  messages.flatMap((message) => (message.role === "user" ? [message.text] : []));

function resultsSinceAsked({ messages }: SeenRequest): string[] {
  const since = messages.slice(messages.findLastIndex(({ role }) => role === "user"));
  return since.flatMap((message) => (message.role === "tool" ? [message.content] : []));
}

function answer(request: SeenRequest): Reply {
  const said = saidIn(request).at(-1) ?? "";
  const done = resultsSinceAsked(request);
  if (said === turns.roof) return shown("roof")[done.length] ?? {};
  if (said === turns.gate) return shown("gate")[done.length] ?? {};
  const subject = /(\w+) report/.exec(said.split("\n").at(-1) ?? "")?.[1] ?? "";
  if (said.startsWith("[The person called the skill")) return publish(indexIn(said), done, subject);
  if (!said.startsWith("Publish the")) return { text: `An answer to: ${said}` };
  const [skillRead, ...others] = done;
  return skillRead === undefined ? view : publish(indexIn(skillRead), others, subject);
}

interface Held {
  /** Session and steps as they lay in the table when the review began and when it was over. */
  before: Item[];
  after: Item[];
  /** Its first request. */
  raw: string;
  results: string[];
}

let agent: TestAgent;
let table: Table;
const held = new Map<string, Held>();
let session = "";

const brain: Brain = async (request) => {
  if (!isReview(request)) return answer(request);
  const said = saidIn(request).at(-2) ?? "";
  const known = held.get(said);
  if (known) known.results.push(...lastResults(request));
  else held.set(said, { before: await rawSteps(), after: [], raw: request.raw, results: [] });
  return reviews[said]?.[iterationOf(request)] ?? { text: "Nothing more to save." };
};

/** The items of the session and its steps, as they are stored. */
async function rawSteps(): Promise<Item[]> {
  const { pk } = sessionKey(session);
  const under = async (prefix: string) =>
    table.list({ where: "pk = :pk AND begins_with(sk, :prefix)", values: { ":pk": pk, ":prefix": prefix } });
  return [...(await under("META")), ...(await under("ST#"))];
}

const texts = () => agent.telegram.messages.map(({ text }) => text);
const lease = async () => agent.store.leases.current(conversation);

async function say(text: string): Promise<number> {
  const before = (await lease())?.turn ?? 0;
  await agent.say(text);
  await until(`the end of the turn “${text}”`, async () => {
    const now = await lease();
    return now !== undefined && now.turn > before && !now.held;
  });
  return before + 1;
}

/** What a command is answered. */
async function ask(command: string): Promise<string> {
  const before = texts().length;
  await say(command);
  return texts().slice(before).join("\n");
}

const logged = () =>
  readFileSync(join(agent.dataFolder, "talaria.log"), "utf8")
    .split("\n")
    .map((line) => parseJson(line) as Record<string, unknown> | undefined);

/** Why the turn was or was not reviewed; a review that was begun is over. */
async function decisionOn(turn: number): Promise<string> {
  const found = await until(`the decision on turn ${turn}`, () =>
    logged().find(
      (line) =>
        (line?.["event"] === "review.begun" || line?.["event"] === "review.skipped") &&
        line["session"] === session &&
        line["turn"] === turn,
    ),
  );
  if (found["event"] === "review.skipped") return "";
  const records = openReviews(table, bodyCodec(openBlobs(readEnvironment().bucket)));
  await until("the end of the review", async () => (await records.get(session, turn, ""))?.status === "done");
  return String(found["reason"]);
}

/** As the person has them; each call opens them anew. */
function learnt() {
  const environment = readEnvironment();
  const aws = leanAws(environment.settings);
  const blobs = aws.blobs(environment.bucket);
  const learning = composeLearning(environment, { table, blobs, actor: "person" });
  const about = { profile: "main", owner, session: "ses_test", turn: 1 };
  const library = learning.skills(about);
  return {
    ledger: async () => (await learning.ledger("main").list({ owner, limit: 100 })).toReversed(),
    notes: async (target: "user" | "memory") => (await learning.notebooks(about)[target].read()).entries,
    skills: async () => (await library.list()).filter(({ origin }) => origin !== "bundled"),
    record: () => library.find(skill),
    async skillBytes() {
      const record = await library.find(skill);
      const bytes = record && (await library.readFile(record, "SKILL.md"));
      return bytes && Buffer.from(bytes).toString("utf8");
    },
  };
}

/** The state after each turn, for what is taken back later. */
const states: { notes: unknown; skill: string | undefined }[] = [];
const decisions: string[] = [];
/** When the twelve turns were over: steps in the table, and requests of the conversation. */
const end = { steps: 0, requests: 0 };
/** The last request of each turn, which its review must begin with. */
const lastRequests = new Map<string, string>();

beforeAll(async () => {
  agent = await startAgent(brain, { settings: { TALARIA_REVIEW: "on" } });
  table = openTable(readEnvironment().table, dynamoDbSdk());
  for (const text of Object.values(turns)) {
    const turn = await say(text);
    session = (await lease())?.session ?? "";
    decisions.push(await decisionOn(turn));
    const review = held.get(text);
    if (review) review.after = await rawSteps();
    const ofTurn = agent.model.requests.filter((request) => !isReview(request) && saidIn(request).at(-1) === text);
    lastRequests.set(text, ofTurn.at(-1)?.raw ?? "");
    const { notes, skillBytes } = learnt();
    states.push({ notes: await notes("user"), skill: await skillBytes() });
  }
  const [, ...steps] = await rawSteps();
  Object.assign(end, { steps: steps.length, requests: agent.model.requests.filter((one) => !isReview(one)).length });
}, 120_000);
afterAll(() => agent.close());

const provenance = ({ actor, session: from, turn, subject, action }: LedgerEntry) =>
  [actor, from, turn, subject.name, action] as const;

describe("twelve turns with one person", () => {
  it("are looked back at when the person corrects, when work was shown, and when a skill failed, and not else", () => {
    expect(decisions).toEqual(["", "corrected", "", "", "11-calls", "corrected", "skill-failed", "", "", "", "", ""]);
  });

  it("leave one skill for the whole class of work, patched and not written twice", async () => {
    const { skills, skillBytes } = learnt();
    expect(await skills()).toMatchObject([{ name: skill, state: "trial", origin: "learnt", patches: 2 }]);
    const text = (await skillBytes()) ?? "";
    expect(text).toContain("its title ends with the date, like 2026-11-22");
    expect(text).toContain("The index is in index.md:");
    const [, second = "", blind = ""] = held.get(turns.dates)?.results ?? [];
    expect(second).toMatch(/There is a skill for this: publishing-reports/);
    expect(blind).toMatch(/Read SKILL\.md of publishing-reports with skill_view first/);
  });

  it("leave what the person likes in the notes about them, and nothing in the agent's own", async () => {
    const { notes } = learnt();
    expect((await notes("user")).map(({ text }) => text)).toEqual([
      "Wants reports of three lines at most.",
      "Writes dates like 2026-11-22.",
    ]);
    expect(await notes("memory")).toEqual([]);
  });

  it("let the turn after a patch go by the patched skill, without the error", () => {
    const results = (text: string) =>
      agent.model.requests
        .filter((request) => !isReview(request) && saidIn(request).at(-1) === text)
        .flatMap((request) => lastResults(request));
    expect(results(turns.pond).filter((result) => result.includes('"error"'))).toHaveLength(1);
    expect(results(turns.fence).filter((result) => result.includes('"error"'))).toEqual([]);
    expect(results(turns.fence)).toHaveLength(3);
  });

  it("say of every change who made it, from which session and turn", async () => {
    const from = (turn: number, name: string, action: string) => ["review", session, turn, name, action];
    expect((await learnt().ledger()).map(provenance)).toEqual([
      from(2, `user#${owner}`, "create"),
      from(5, skill, "create"),
      from(6, `user#${owner}`, "change"),
      from(6, skill, "change"),
      from(7, skill, "change"),
    ]);
  });

  it("are told in the chat in one line each time, and cost a row of their own", async () => {
    expect(texts().filter((text) => text.startsWith("Self-improvement review:"))).toEqual([
      "Self-improvement review: notes about you updated",
      `Self-improvement review: new skill ${skill}`,
      `Self-improvement review: notes about you updated · patched skill ${skill}`,
      `Self-improvement review: patched skill ${skill}`,
    ]);
    const cost = await openCosts(table, "main").ofMonth("background_review", Date.now());
    expect(cost.modelCalls).toBe(agent.model.requests.filter(isReview).length);
    expect(cost.modelCalls).toBe(14);
  });
});

/** The same model, prompt and tools, and all messages of the other request to the byte, with more behind them. */
function expectToGoOn(raw: string, other: string): void {
  const { messages } = JSON.parse(other) as { messages: unknown };
  const list = JSON.stringify(messages).slice(0, -1);
  const end = other.indexOf(list) + list.length;
  expect(end).toBeGreaterThan(list.length);
  expect(raw.slice(0, end)).toBe(other.slice(0, end));
  expect(raw.slice(end).startsWith(",")).toBe(true);
  const rest = (whole: string) => ({ ...(JSON.parse(whole) as object), messages: 0 });
  expect(rest(raw)).toEqual(rest(other));
}

describe("a review", () => {
  it("begins with exactly the bytes of the turn's last request", () => {
    expect(held.size).toBe(4);
    for (const [said, { raw }] of held) expectToGoOn(raw, lastRequests.get(said) ?? "");
  });

  it("writes nothing of the conversation: session and steps stay to the byte", () => {
    for (const { before, after } of held.values()) {
      expect(before.length).toBeGreaterThan(2);
      expect(after).toEqual(before);
    }
    // Before its first request nobody could look: one step for each answer, and each turn goes on where the last one stood.
    expect(end.steps).toBe(end.requests);
    const requests = [...lastRequests.values()];
    for (const [at, request] of requests.slice(1).entries()) expectToGoOn(request, requests[at] ?? "");
  });
});

describe("the next session", () => {
  it("has the skill and the notes in its prompt, and goes by the skill when it is called by its name", async () => {
    await say("/new");
    await say(`/${skill} the hedge report`);
    const first = agent.model.requests.find((request) =>
      saidIn(request)[0]?.startsWith("[The person called the skill"),
    );
    expect(first?.system).toContain(`- ${skill}: ${description}`);
    for (const text of ["Wants reports of three lines at most.", "Writes dates like 2026-11-22."])
      expect(first?.system).toContain(text);
    expect(saidIn(first!)).toHaveLength(1);
    expect(texts().at(-1)).toBe("Published: hedge.");
    const asked = agent.model.requests.filter((request) => saidIn(request)[0]?.startsWith("[The person called"));
    expect(asked.flatMap((request) => lastResults(request)).join("")).not.toContain('"error"');
    expect(await learnt().record()).toMatchObject({ state: "active", uses: 3, unhelpful: 1, reusedPatches: 2 });
  });

  it("can be asked what was learnt, from what, and what came of it", async () => {
    const told = await ask("/journey");
    expect(told).toMatch(new RegExp(`skill ${skill} written by my review after a turn \\(from ${session}, turn 5\\)`));
    expect(told).toMatch(/Since then: used 3 times, last \d{4}-\d\d-\d\d, changed 2 more times/);
    expect(told).toMatch(new RegExp(`notes about you written by my review after a turn \\(from ${session}, turn 2\\)`));
    expect(told.match(/^• |^- /gm)).toHaveLength(5);
    expect(await ask("/sessions hedge pond")).toContain(session);
  });

  it("can take every change back, to the byte, until nothing of it is in the next prompt", async () => {
    const { notes, skillBytes, skills, record, ledger } = learnt();
    const after = (turn: number) => states[turn - 1]!;
    expect(await skillBytes()).toBe(after(12).skill);
    await ask("/skills undo");
    expect(await skillBytes()).toBe(after(6).skill);
    await ask("/skills undo");
    expect(await skillBytes()).toBe(after(5).skill);
    expect(after(5).skill).not.toBe(after(6).skill);
    await ask("/memory undo");
    expect(await notes("user")).toEqual(after(5).notes);
    await ask("/memory undo");
    expect(await notes("user")).toEqual([]);
    await ask("/skills undo");
    expect(await skills()).toEqual([]);
    expect(await record()).toMatchObject({ state: "archived" });
    expect((await ledger()).filter(({ actor, undoneBy }) => actor === "review" && undoneBy === undefined)).toEqual([]);
    await say("/new");
    await say("hello");
    const { system = "" } = agent.model.requests.at(-1) ?? {};
    for (const gone of [skill, "three lines", "2026-11-22."]) expect(system).not.toContain(gone);
  });
});
