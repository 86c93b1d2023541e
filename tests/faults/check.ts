import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { doubtNotice } from "../../core/turn/deliver.ts";
import { workspaceId } from "../../core/turn/open-session.ts";
import type { FakeTelegram } from "../fakes/platform-telegram.ts";
import { until, type TestAgent } from "../support/agent.ts";
import type { Verdict } from "./report.ts";
import { questionMark, type Scenario } from "./scenario.ts";

const conversationOf = (person: number) => `main:telegram::direct:${person}::`;

/** Waits for the conversation to come to rest; false when it does not within the time a person would wait. */
async function isAtRest(agent: TestAgent, { person }: Scenario): Promise<boolean> {
  const atRest = async () => {
    const lease = await agent.store.leases.current(conversationOf(person));
    return lease?.held === false && (await agent.store.inbox.pending(conversationOf(person))).length === 0;
  };
  return until("the conversation to come to rest", atRest, { withinMs: 30_000 }).then(
    () => true,
    () => false,
  );
}

/** How often the outward command really ran. */
export function outwardRuns(dataFolder: string, person: number): number {
  const workspace = join(dataFolder, "workspaces", workspaceId("main", `telegram::${person}`));
  const file = join(workspace, "outward.log");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").length : 0;
}

/** What the person got, what they miss, and what came twice. */
export function repliesTo(telegram: FakeTelegram, { person, texts }: Pick<Scenario, "person" | "texts">) {
  const replies = telegram.messages.filter(({ chat }) => chat === String(person)).map(({ text }) => text);
  const finals = replies.filter((text) => text.includes("Answering:"));
  const certain = finals.filter((text) => !text.startsWith(doubtNotice));
  const lost = texts.filter((text) => !finals.some((final) => final.includes(text)));
  // A later turn repeats the whole history, so an answer is doubled when two equal ones came without a warning.
  const doubled = certain.filter((text, index) => certain.indexOf(text) !== index);
  return { replies, finals, lost, doubled };
}

/** Checks the promises of ARCHITECTURE.md on what the person, the model and the machine saw. */
export async function check(agent: TestAgent, scenario: Scenario): Promise<Verdict> {
  const rested = await isAtRest(agent, scenario);
  const { replies, finals, lost, doubled } = repliesTo(agent.telegram, scenario);
  const isQuestion = (text: string) => text.replace(doubtNotice, "").trim().startsWith(questionMark);
  const unexpected = replies.filter((text) => !finals.includes(text) && !isQuestion(text));
  const requests = agent.model.requests.filter(({ messages }) => JSON.stringify(messages).includes(scenario.texts[0]));
  const turns = new Set(finals.map((text) => text.replace(doubtNotice, "").trim())).size;
  const broken = [
    ...(rested ? [] : ["The conversation did not come to rest within 30 s."]),
    ...(unexpected.length === 0 ? [] : [`Unexpected messages: ${unexpected.join(" | ")}`]),
    ...(outwardRuns(agent.dataFolder, scenario.person) <= 1 ? [] : ["The outward command ran twice."]),
    ...(requests.length <= 4 + (turns - 1) + 1 ? [] : [`${requests.length} model calls for ${turns} turns.`]),
    ...brokenHistory(requests.map(({ raw }) => (JSON.parse(raw) as { messages: WireMessage[] }).messages)),
  ];
  return { lost, doubled, broken };
}

interface WireMessage {
  role: string;
  content: unknown;
  tool_calls?: { id: string }[];
  tool_call_id?: string;
}

/** The prefix never changes, each message of the person is in it once, and every call has one result in call order. */
function brokenHistory(histories: readonly WireMessage[][]): string[] {
  const longest = histories.reduce<WireMessage[]>((a, b) => (b.length > a.length ? b : a), []);
  const whole = JSON.stringify(longest);
  const changed = histories.filter((history) => !whole.startsWith(JSON.stringify(history).slice(0, -1)));
  const said = longest.flatMap(({ role, content }) => (role === "user" ? String(content).split("\n\n") : []));
  const repeated = said.filter((text, index) => said.indexOf(text) !== index);
  const calls = longest.flatMap((message) => (message.tool_calls ?? []).map(({ id }) => id));
  const results = longest.flatMap((message) => (message.tool_call_id ? [message.tool_call_id] : []));
  return [
    ...(changed.length === 0 ? [] : ["An earlier message changed between two model calls."]),
    ...repeated.map((text) => `The model read “${text}” twice.`),
    ...(calls.join() === results.join() ? [] : [`Calls ${calls.join()} have results ${results.join()}.`]),
  ];
}
