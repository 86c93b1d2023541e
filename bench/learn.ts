import { composeReview } from "../functions/compose/review.ts";
import { composeCurator } from "../functions/compose/curator.ts";
import { readEnvironment } from "../functions/compose/environment.ts";
import { curate } from "../core/learning/curator/run.ts";
import { inBatches } from "../core/learning/curator/batches.ts";
import type { ReviewEvent } from "../core/learning/review/event.ts";
import { reviewTask } from "../core/learning/review/ports.ts";
import { runReview } from "../core/learning/review/run.ts";
import { threatIn } from "../core/guard/threats.ts";
import { skillIndex } from "../core/skills/index-text.ts";
import { openBlobs } from "../core/store/blobs.ts";
import type { Usage } from "../core/conversation/usage.ts";
import { costRowSchema } from "../core/store/costs.ts";
import { dynamoDbSdk } from "../core/store/dynamodb-sdk.ts";
import { costKey } from "../core/store/keys.ts";
import { openLedger } from "../core/store/ledger.ts";
import { openSkillLibrary } from "../core/store/skills.ts";
import { openTable, type Table } from "../core/store/table.ts";
import { difference } from "../local/cloud/counters.ts";
import type { Brain, Reply, SeenRequest } from "../tests/fakes/model-server.ts";
import { startAgent, until, type TestAgent } from "../tests/support/agent.ts";
import type { Benchmark } from "./benchmark.ts";
import { median, sum } from "./statistics.ts";
import { formatTable, inKb, inMb, inMs, type Row } from "./table.ts";

const defaultSkills = 5_000;
const profile = "main";
const atOnce = 25;
const indexRuns = 20;
const maxQuestions = 25;

export const learn: Benchmark = {
  about: `what a review writes and costs, and ${defaultSkills} skills in a prompt and in a curator's run; SIZE is the skills`,

  async run(print, size = defaultSkills) {
    const agent = await startAgent(brain);
    try {
      const table = openTable(readEnvironment().table, dynamoDbSdk());
      const { rows, isRight } = await reviewRows(agent, table);
      print(formatTable("a review after a turn: calls, bytes written, tokens by its row in the ledger of costs", rows));
      const writeMs = await timed(() => writeSkills(table, size));
      print(
        formatTable(`${size} skills in a profile`, [
          ...(await promptRows(table, size)),
          row("written in", inSeconds(writeMs)),
        ]),
      );
      const curator = await curatorRows(agent, size);
      print(formatTable(`a curator's run over ${size} skills`, curator.rows));
      return isRight && curator.isRight;
    } finally {
      await agent.close();
    }
  },
};

const row = (what: string, measured: string, reach?: string): Row => ({ what, measured, ...(reach && { reach }) });
const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What the person says decides what the review does. */
const said = {
  nothing: "What is compost?",
  memory: "No, three lines at most please. (memory)",
  create: "No, first the draft, then the index. (create)",
  patch: "No, the index lies in the root. (patch)",
};
const skill = "publishing-reports";
const call = (name: string, args: object): Reply => ({ toolCalls: [{ name, arguments: args }] });

const reviews: Readonly<Record<string, Reply[]>> = {
  [said.memory]: [call("memory", { target: "user", action: "add", content: "Wants reports of three lines at most." })],
  [said.create]: [
    call("skill_manage", {
      action: "create",
      name: skill,
      content: skillText(skill, "Publish a report, draft to index"),
    }),
  ],
  [said.patch]: [
    call("skill_view", { name: skill }),
    call("skill_manage", { action: "patch", name: skill, old_string: "Step 1.", new_string: "Step 1, in the root." }),
  ],
};

function skillText(name: string, description: string): string {
  const steps = Array.from(
    { length: 40 },
    (_, at) => `${at + 1}. Step ${at + 1}. Do this, look at what came of it, then go on.`,
  );
  return `---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n\n${steps.join("\n")}\n`;
}

const saidIn = ({ messages }: SeenRequest): string[] =>
  messages.flatMap((message) => (message.role === "user" ? [message.text] : []));

/** A review is known by its rubric, a question of the curator's by the answer that it wants. */
const brain: Brain = (request) => {
  const texts = saidIn(request);
  if (!texts.at(-1)?.startsWith("[Review of this conversation.")) return { text: '{"proposals":[],"flaws":[]}' };
  const since = request.messages.slice(request.messages.findLastIndex(({ role }) => role === "user"));
  const answered = since.filter(({ role }) => role === "assistant").length;
  return reviews[texts.at(-2) ?? ""]?.[answered] ?? { text: "Kept." };
};

/** A turn, whose own review is switched off; the event that would have begun it. */
async function turnOf(agent: TestAgent, text: string): Promise<ReviewEvent> {
  const conversation = "main:telegram::direct:42::";
  const before = (await agent.store.leases.current(conversation))?.turn ?? 0;
  await agent.say(text);
  const lease = await until("the end of the turn", async () => {
    const now = await agent.store.leases.current(conversation);
    return now !== undefined && now.turn > before && !now.held ? now : undefined;
  });
  await settled(agent);
  return { conversation, session: lease.session, turn: lease.turn };
}

/** Until nothing calls the cloud any more: the turn is indexed for search after its delivery. */
async function settled({ cloud }: TestAgent): Promise<void> {
  const calls = () => sum(Object.values(cloud.counters.snapshot().calls));
  let last = -1;
  while (last !== calls()) {
    last = calls();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

const kinds = {
  "not due": said.nothing,
  "one memory change": said.memory,
  "a new skill": said.create,
  "one skill patch": said.patch,
};

async function reviewRows(agent: TestAgent, table: Table): Promise<{ rows: Row[]; isRight: boolean }> {
  const environment = readEnvironment();
  const settings = { ...environment.settings, TALARIA_REVIEW: "on", TALARIA_REVIEW_NOTICE: "on" };
  const { ports, index } = composeReview({ ...environment, settings });
  const quiet = { info() {}, warn() {}, error() {} };
  const rows: Row[] = [];
  let isRight = true;
  await turnOf(agent, "Hello.");
  for (const [kind, text] of Object.entries(kinds)) {
    const event = await turnOf(agent, text);
    const review = await measured(agent, () => runReview(event, { ...ports, log: quiet }));
    isRight &&= review.result === (kind === "not due" ? "not-due" : "done");
    rows.push(row(`${kind}: AWS calls, bytes written`, `${review.calls}, ${inKb(review.bytes)}`));
    if (kind === "not due") continue;
    const { usage } = costRowSchema.parse(
      (await table.get(costKey(profile, monthNow(), reviewTask, `${event.session}#${event.turn}`)))?.["row"],
    );
    const { inputTokens, cacheReadTokens, outputTokens, modelCalls } = usage;
    rows.push(
      row(
        "  model calls, tokens in, out",
        `${modelCalls}, ${inputTokens} (${cacheReadTokens} cached), ${outputTokens}`,
      ),
      row("  that costs, by the row of the ledger", costOf(usage)),
    );
    isRight &&= modelCalls === (reviews[text]?.length ?? 0) + 1;
  }
  const event = await turnOf(agent, said.nothing);
  const indexing = await measured(agent, () => index(event));
  rows.push(
    row("the index of search, each turn: AWS calls, bytes written", `${indexing.calls}, ${inKb(indexing.bytes)}`),
  );
  return { rows, isRight };
}

/**
 * What a model of $3 and $15 per million tokens in and out would bill, nothing cached; and with all but the last thousand
 * tokens of each call read from its cache, at a tenth: the prefix of a review is that of the conversation's last request.
 */
function costOf({ inputTokens, outputTokens, modelCalls }: Usage): string {
  const fresh = Math.min(inputTokens, 1_000 * modelCalls);
  const dollars = (input: number) => `$${((input * 3 + outputTokens * 15) / 1_000_000).toFixed(4)}`;
  return `${dollars(inputTokens)}, ${dollars(fresh + (inputTokens - fresh) / 10)} cached`;
}

const monthNow = (): string => new Date().toISOString().slice(0, 7);
const isWrite = (name: string): boolean => /\.(Put|Update|Delete)/.test(name);

async function measured<Result>({ cloud }: TestAgent, work: () => Promise<Result>) {
  const before = cloud.counters.snapshot();
  const result = await work();
  const { calls, requestBytes } = difference(cloud.counters.snapshot(), before);
  const bytes = sum(Object.entries(requestBytes).flatMap(([name, count]) => (isWrite(name) ? [count] : [])));
  return { result, calls: sum(Object.values(calls)), bytes };
}

const verbs =
  "review write plan book compare collect translate test debug measure draw cook clean repair teach file sort search".split(
    " ",
  );
const things =
  "reports flights recipes invoices tickets gardens maps songs contracts servers charts letters budgets photos bikes taxes plants".split(
    " ",
  );

const libraryOf = (table: Table) =>
  openSkillLibrary({
    table,
    blobs: openBlobs(readEnvironment().bucket),
    ledger: openLedger(table, profile, Date.now),
    profile,
    // What the curator writes counts as learnt, and is not compared with all others first.
    actor: "curator",
    now: Date.now,
  });

/** Many skills of a few kinds, as a library grows. */
async function writeSkills(table: Table, count: number): Promise<void> {
  const library = libraryOf(table);
  await inBatches(
    Array.from({ length: count }, (_, at) => at),
    atOnce,
    async (at) => {
      const name = `${verbs[at % verbs.length]}-${things[Math.floor(at / verbs.length) % things.length]}-${at}`;
      const content = skillText(name, `How to ${name.replaceAll("-", " ")} for team t${at % 97}`);
      await library.commit({ name, files: [{ path: "SKILL.md", content }], version: 0, reason: "benchmark" });
    },
  );
}

/** What the first message of a session costs: all records are read, and 60 of them chosen. */
async function promptRows(table: Table, size: number): Promise<Row[]> {
  const library = libraryOf(table);
  const reads: number[] = [];
  const choices: number[] = [];
  let text = "";
  for (let run = 0; run < indexRuns; run += 1) {
    let skills: Awaited<ReturnType<typeof library.list>> = [];
    reads.push(await timed(async () => void (skills = await library.list())));
    const query = `please ${verbs[run % verbs.length]} the ${things[run % things.length]} for team t${run}`;
    choices.push(
      await timed(async () => void (text = skillIndex(skills, { tools: [], toolsets: [], query, threatIn }))),
    );
  }
  const shown = text.split("\n").filter((line) => line.startsWith("- ")).length;
  return [
    row("all records read from the table, median", inMs(median(reads))),
    row("the index for a prompt chosen and written, median", inMs(median(choices))),
    row("entries in the prompt, characters", `${shown} of ${size}, ${text.length}`, "at most 60"),
  ];
}

async function curatorRows({ model }: TestAgent, size: number): Promise<{ rows: Row[]; isRight: boolean }> {
  const ports = composeCurator(readEnvironment());
  const quiet = { info() {}, warn() {}, error() {} };
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const asked = model.requests.length;
  let peak = heap;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().heapUsed)), 20);
  const settings = { ...ports.settings, maxQuestions };
  const start = performance.now();
  const outcome = await curate({ ...ports, settings, log: quiet }, { isManual: true }).finally(() =>
    clearInterval(watch),
  );
  const questions = model.requests.length - asked;
  return {
    isRight: outcome.status === "done" && questions <= maxQuestions + 1,
    rows: [
      row("time", inSeconds(performance.now() - start)),
      row("heap before, at most (the embedded cloud included)", `${inMb(heap)}, ${inMb(peak)}`),
      row("heap for each skill", inKb((peak - heap) / size)),
      row("questions to the model", String(questions), `at most ${maxQuestions + 1}`),
    ],
  };
}
