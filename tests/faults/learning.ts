/** Crashes of the functions that learn: each outside call of a review and of a run of the curator, one fault at a time. */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../core/base/clock.ts";
import type { LedgerEntry } from "../../core/learning/ledger.ts";
import { textsOf } from "../../core/memory/note.ts";
import type { Actor } from "../../core/skills/skill.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { bodyCodec } from "../../core/store/bodies.ts";
import { openCuratorRecords } from "../../core/store/curator.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openLedger } from "../../core/store/ledger.ts";
import { openNotebook } from "../../core/store/notebooks.ts";
import { openProposals } from "../../core/store/proposals.ts";
import { openReviews } from "../../core/store/reviews.ts";
import { openSkillLibrary } from "../../core/store/skills.ts";
import { openTable } from "../../core/store/table.ts";
import { readEnvironment } from "../../functions/compose/environment.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { suggesting } from "../core/learning/curator-bench.ts";
import { iterationOf, lastResults } from "../core/learning/review-bench.ts";
import { skillText } from "../core/skills/skill-bench.ts";
import type { Brain } from "../fakes/model-server.ts";
import { atRest, startAgent, until, type TestAgent } from "../support/agent.ts";
import { makeTrigger, type Armed } from "./arm.ts";
import { type Disturbed, type FaultReport, openReport, type Verdict } from "./report.ts";

const hook = fileURLToPath(new URL("./hook.ts", import.meta.url));
const profile = "main";
const firstPerson = 30_000;
const mostPersons = 1_000;
/** As often as Lambda delivers an event. */
const maxDeliveries = 3;

/** Why there is what was there before a fault. */
const given = "given";

/** What is to be learnt, and what has to be so afterwards; a broken promise is a sentence. */
interface Lesson {
  function: string;
  event: object;
  brain: Brain;
  verdict(): Promise<Verdict>;
}

type MakeLesson = (number: number, bench: Bench) => Promise<Lesson>;
type Bench = ReturnType<typeof openBench>;

/** The stores as the functions have them. */
function openBench(agent: TestAgent) {
  const environment = readEnvironment();
  const table = openTable(environment.table, dynamoDbSdk());
  const blobs = openBlobs(environment.bucket);
  const now = () => systemClock.now();
  const ledger = openLedger(table, profile, now);
  return {
    agent,
    ledger,
    reviews: openReviews(table, bodyCodec(blobs)),
    proposals: openProposals(table, profile),
    curator: openCuratorRecords(table, profile, now),
    skills: (actor: Actor) =>
      openSkillLibrary({ table, blobs, ledger, profile, actor, session: "ses_1", turn: 1, now }),
    book: (owner: string) =>
      openNotebook(table, { profile, name: `user#${owner}`, owner, actor: "person" }, ledger, now),
  };
}

/**
 * Names of skills that were changed more often than once. A worker that died between the ledger and the skill leaves a line
 * that came to nothing; done twice is what began at two states.
 */
async function changedTwice({ ledger }: Bench, names: readonly string[], actor: Actor): Promise<string[]> {
  const entries = await ledger.list({ owner: "", limit: 1_000 });
  const isNew = (entry: LedgerEntry) => entry.actor === actor && entry.reason !== given && entry.undoneBy === undefined;
  return names.filter((name) => {
    const changes = entries.filter((entry) => isNew(entry) && entry.subject.name === name);
    return new Set(changes.map(({ before }) => JSON.stringify(before))).size > 1;
  });
}

/** The pointer leads to a revision whose files are there. */
async function isWhole({ skills }: Bench, name: string, content: string): Promise<boolean> {
  const library = skills("person");
  const record = await library.find(name);
  const file = record && (await library.readFile(record, "SKILL.md"));
  return file !== undefined && Buffer.from(file).toString().includes(content);
}

/** A turn hands itself over to the same function, to be found again: the faults are meant for the review that is asked for. */
async function handedOver(agent: TestAgent): Promise<void> {
  await atRest(agent);
  const events = join(agent.dataFolder, "lambda-events");
  await until("what follows the turn", () => readdirSync(events).length === 0);
}

/** A person asks to look over a turn; the model keeps a note and makes a skill. */
const makeReview: MakeLesson = async (number, bench) => {
  const person = firstPerson + number;
  const name = `units-${person}`;
  const note = `Wants kilometres in ${person}.`;
  const owner = `telegram::${person}`;
  const conversation = `${profile}:telegram::direct:${person}::`;
  await bench.agent.say(`first of ${person}`, { from: person });
  const current = () => bench.agent.store.leases.current(conversation);
  await until("the end of the turn", async () => (await current())?.held === false);
  const { session = "", turn = 0 } = (await current()) ?? {};
  await handedOver(bench.agent);
  const save = { name: "memory", arguments: { target: "user", action: "add", content: note } };
  const create = {
    name: "skill_manage",
    arguments: { action: "create", name, content: skillText(name, { body: note }), reason: "They said so." },
  };

  // Looks before it repeats what nobody knows the outcome of.
  const brain: Brain = (request) => {
    const results = lastResults(request).join("\n");
    if (iterationOf(request) === 0) return { toolCalls: [save, create] };
    if (results.includes("outcome is unknown"))
      return { toolCalls: [save, { name: "skill_view", arguments: { name } }] };
    return results.includes("There is no skill") ? { toolCalls: [create] } : { text: "Kept." };
  };

  async function verdict() {
    const record = await bench.reviews.get(session, turn, "once");
    const notes = textsOf((await bench.book(owner).read()).entries);
    const notices = bench.agent.telegram.messages.filter(
      ({ chat, text }) => chat === String(person) && text.startsWith("Self-improvement"),
    );
    return {
      lost: [...(notes.includes(note) ? [] : [note]), ...((await isWhole(bench, name, note)) ? [] : [name])],
      doubled: [
        ...notes.slice(1),
        ...notices.slice(1).map(({ text }) => text),
        ...(await changedTwice(bench, [name], "review")),
      ],
      broken: record?.status === "done" && record.result === "both" ? [] : [`The review is ${record?.status}.`],
    };
  }

  const place = { platform: "telegram", chat: String(person), kind: "direct" };
  const event = { conversation, session, turn, focus: "", asked: "once", place };
  return { function: resourceEnvironment.reviewFunction, event, brain, verdict };
};

/** Two skills about one thing become one, without anybody being asked. */
const makeRun: MakeLesson = async (number, bench) => {
  // Under its own name: whoever writes for a person is told of the skill that there is.
  const library = bench.skills("curator");
  // What the faults before have left is no part of this one.
  for (const { name } of await library.list())
    await bench.skills("person").mark(name, { state: "archived" }, { reason: "over" });
  const names = [`review-pull-requests-${number}`, `pull-request-review-${number}`] as const;
  const bodies = ["# Review\n\nRun `npm test`.", "# Style\n\nNo tabs."];
  const description = "Review a pull request on GitHub";
  for (const [index, name] of names.entries()) {
    const files = [{ path: "SKILL.md", content: skillText(name, { description, body: bodies[index] ?? "" }) }];
    const made = await library.commit({ name, files, version: 0, reason: given });
    if (!made.ok) throw new Error(`There is no skill to curate: ${JSON.stringify(made)}`);
  }
  const whole = bodies.join("\n\n");
  const text = skillText(names[0], { description, body: whole });
  const files = [{ path: "SKILL.md", text }];
  const brain = suggesting({ kind: "merge", from: [...names], into: names[0], files, dropped: [] });

  async function verdict() {
    const { state } = await bench.curator.read();
    const kept = await bench.skills("person").find(names[0]);
    const absorbed = await bench.skills("person").find(names[1]);
    const proposals = (await bench.proposals.list()).filter(({ change }) => JSON.stringify(change).includes(names[1]));
    const isApplied = proposals.every((proposal) => proposal.status === "approved" && proposal.isApplied);
    return {
      lost: [
        ...((await isWhole(bench, names[0], whole)) && kept?.state !== "archived" ? [] : [names[0]]),
        ...((await isWhole(bench, names[1], bodies[1] ?? "")) ? [] : [names[1]]),
      ],
      doubled: [...proposals.slice(1).map(({ id }) => id), ...(await changedTwice(bench, names, "curator"))],
      broken: [
        ...(proposals.length > 0 && isApplied ? [] : ["The proposal was not applied."]),
        ...(absorbed?.state === "archived" ? [] : [`What was absorbed is ${absorbed?.state}.`]),
        ...(state.run === null ? [] : [`The run still is in ${state.run.stage}.`]),
      ],
    };
  }

  const event = { task: "curate", manual: true };
  return { function: resourceEnvironment.curatorFunction, event, brain, verdict };
};

const lessons: Record<string, MakeLesson> = { review: makeReview, curator: makeRun };

/** Delivers the event as Lambda does: again, until the function has come to its end. */
async function deliver(name: string, event: object): Promise<boolean> {
  const command = new InvokeCommand({ FunctionName: process.env[name] ?? "", Payload: JSON.stringify(event) });
  const client = new LambdaClient({});
  for (let delivery = 0; delivery < maxDeliveries; delivery += 1)
    if ((await client.send(command)).FunctionError === undefined) return true;
  return false;
}

/** Crashes the review and the curator before and after every `stride`-th of their outside calls. */
export async function injectLearningFaults(stride: number, progress: (line: string) => void): Promise<FaultReport> {
  const trigger = makeTrigger();
  let brain: Brain = () => ({ text: "It is done." });
  const persons = Array.from({ length: mostPersons }, (_, at) => `telegram:${firstPerson + at}`);
  const agent = await startAgent((request) => brain(request), {
    mode: "strict",
    workerExecArgv: ["--import", hook],
    settings: {
      TALARIA_FAULT_FOLDER: trigger.folder,
      TALARIA_ALLOWED_USERS: persons.join(","),
      TALARIA_CURATOR: "auto",
    },
  });
  const bench = openBench(agent);
  let number = 0;

  async function run(make: MakeLesson, armed: Armed): Promise<Disturbed> {
    number += 1;
    brain = () => ({ text: "It is done." });
    const lesson = await make(number, bench);
    brain = lesson.brain;
    const startedAt = performance.now();
    trigger.arm(armed);
    const hasEnded = await deliver(lesson.function, lesson.event);
    const { calls, fired } = trigger.disarm();
    const { broken, ...verdict } = await lesson.verdict();
    const unfinished = hasEnded ? [] : [`It did not end within ${maxDeliveries} deliveries.`];
    const ms = performance.now() - startedAt;
    return { verdict: { ...verdict, broken: [...unfinished, ...broken] }, calls, fired, ms };
  }

  const { report, disturb } = openReport(progress);
  try {
    for (const [name, make] of Object.entries(lessons)) await disturb(name, stride, (armed) => run(make, armed));
    return report;
  } finally {
    await agent.close();
    trigger.remove();
  }
}
