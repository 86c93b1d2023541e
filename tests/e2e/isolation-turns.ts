/** Acts that are whole turns: what the model is sent, what the person reads, what a review makes of it. */
import { newId } from "../../core/base/ids.ts";
import { runReview } from "../../core/learning/review/run.ts";
import type { ReviewEvent } from "../../core/learning/review/event.ts";
import type { Lease } from "../../core/store/leases.ts";
import type { TurnPorts } from "../../core/turn/ports.ts";
import { runTurn } from "../../core/turn/run.ts";
import type { composeReview } from "../../functions/compose/review.ts";
import { isReview, iterationOf } from "../core/learning/review-bench.ts";
import { skillText } from "../core/skills/skill-bench.ts";
import { type FakeHoncho, honchoKey, startFakeHoncho } from "../fakes/honcho-server.ts";
import { type Brain, type ModelServer, type SeenRequest, startModelServer } from "../fakes/model-server.ts";
import { type FakeTelegram, startFakeTelegram, telegramToken } from "../fakes/platform-telegram.ts";
import { type Act, type Asker, type Chance, inboundOf } from "./isolation-askers.ts";
import { triedMessage, triedTool } from "./isolation-coverage.ts";

/** The services that turns talk to. All persons have the same ones: what they keep apart is ours to keep apart. */
export interface TurnServices {
  model: ModelServer;
  telegram: FakeTelegram;
  honcho: FakeHoncho;
  settings: Record<string, string>;
  close(): Promise<void>;
}

const lastSaid = ({ messages }: SeenRequest): string => {
  const said = messages.findLast(({ role }) => role === "user");
  return said?.role === "user" ? said.text : "";
};

/** Does what it is told: `use tool {…}`. After a result, and to everything else, it says what it has read last. */
const obedient: Brain = (request) => {
  if (isReview(request)) return reviewing(request);
  const last = request.messages.at(-1);
  if (last?.role === "tool") return { text: `It says: ${last.content}` };
  const [, name, input] = /^use (\w+) (\{.*\})$/m.exec(lastSaid(request)) ?? [];
  if (name === undefined || input === undefined) return { text: `You said: ${lastSaid(request).slice(0, 500)}` };
  return { toolCalls: [{ name, arguments: input }] };
};

/** Keeps what the focus says: of the person, for all persons of the profile, and as a skill. */
function reviewing(request: SeenRequest) {
  if (iterationOf(request) > 0) return { text: "Done." };
  const [own = "", shared = ""] = lastSaid(request).match(/mk[op][a-z0-9]+x/g) ?? [];
  const name = "looking-over-sessions";
  const write = (target: string, content: string) => ({
    name: "memory",
    arguments: { target, action: "add", content },
  });
  const content = skillText(name, { description: `Look over sessions ${shared}`, body: shared });
  return {
    toolCalls: [
      write("user", `Reviewed ${own}`),
      write("memory", `Reviewed ${shared}`),
      { name: "skills_list", arguments: {} },
      { name: "skill_manage", arguments: { action: "create", name, content, reason: shared } },
    ],
  };
}

export async function startTurnServices(): Promise<TurnServices> {
  const [model, telegram, honcho] = await Promise.all([
    startModelServer(obedient),
    startFakeTelegram(),
    startFakeHoncho(),
  ]);
  return {
    model,
    telegram,
    honcho,
    settings: {
      OPENAI_BASE_URL: model.openaiUrl,
      OPENAI_API_KEY: "sk-of-the-scripted-model",
      TALARIA_MODEL: "openai/scripted",
      TELEGRAM_BOT_TOKEN: telegramToken,
      TELEGRAM_API_ROOT: telegram.url,
      TELEGRAM_WEBHOOK_SECRET: "a-webhook-secret",
      TALARIA_MEMORY_PROVIDER: "honcho",
      HONCHO_API_KEY: honchoKey,
      HONCHO_URL: honcho.url,
    },
    close: async () => void (await Promise.all([model.close(), telegram.close(), honcho.close()])),
  };
}

export interface TurnParts {
  services: TurnServices;
  ports: TurnPorts;
  review: ReturnType<typeof composeReview>;
}

/**
 * A message, and all that comes of it until nothing goes on any more. Returns what the model was sent and what was sent to
 * chats meanwhile: so one at a time.
 */
async function say(asker: Asker, said: { text: string; pressed?: string }, parts: TurnParts): Promise<string> {
  const { services, review } = parts;
  const { conversation } = asker;
  const due: Pick<Lease, "conversation" | "session" | "turn">[] = [];
  const reviews: ReviewEvent[] = [];
  const ports: TurnPorts = {
    ...parts.ports,
    startTurn: async (lease) => void due.push(lease),
    startReview: async (event) => void reviews.push(event),
  };
  const seen = { requests: services.model.requests.length, messages: services.telegram.messages.length };
  triedMessage(said.text);
  const message = { ...inboundOf(asker, said.text), ...(said.pressed !== undefined && { pressed: said.pressed }) };
  await ports.store.inbox.add(conversation, message);
  const lease =
    (await ports.store.leases.acquire(conversation, { session: newId("session"), place: message.place })) ??
    (await ports.store.leases.current(conversation));
  if (lease) due.push(lease);
  for (let next = due.shift(); next; next = due.shift()) {
    const { session, turn } = next;
    asker.known.add(session);
    const ended = await runTurn({ conversation, session, turn }, ports);
    // One that only commands were said in has not begun.
    const hasBegun = (await ports.store.sessions.get(session)) !== undefined;
    if (hasBegun && !asker.sessions.includes(session)) asker.sessions.push(session);
    if (ended.next === "continue") due.unshift(ended);
  }
  for (const event of reviews) {
    await review.index(event);
    await review.remember(event, review.ports.store);
    await runReview(event, review.ports);
  }
  return [
    ...services.model.requests.slice(seen.requests).map(({ raw }) => raw),
    ...services.telegram.messages.slice(seen.messages).map(({ text, buttons }) => text + JSON.stringify(buttons ?? [])),
  ].join("\n");
}

const skill = "baking-bread";

/** `writes`: the acts that may change the asker's own notebook. */
export function turnActs(parts: () => TurnParts): { acts: Record<string, Act>; writes: string[] } {
  /** Both marks, so that whoever reads the message may write for the person, and for all of the profile. */
  const marks = ({ own, shared }: Asker) => `${own} ${shared}`;
  const tell = (asker: Asker, text: string) => say(asker, { text }, parts());
  const use = (name: string, input: object, asker: Asker) => {
    triedTool(name, input);
    return tell(asker, `For ${marks(asker)}:\nuse ${name} ${JSON.stringify(input)}`);
  };
  const oneOf = <Value>(values: readonly [Value, ...Value[]], number: number): Value =>
    values[number % values.length] ?? values[0];

  /** The question that the other's conversation waits for, or one that nobody was asked. */
  async function questionOf({ conversation }: Asker): Promise<string> {
    const lease = await parts().ports.store.leases.current(conversation);
    const steps = lease ? await parts().ports.store.steps.from(lease.session, lease.turn) : [];
    const open = steps.find((step) => step.status === "open");
    const waits = open?.status === "open" ? open.waits : [];
    return waits.find(({ question }) => question)?.question?.id ?? "q_00000000000000000000000000";
  }

  const todo: Act = (asker, { number }) =>
    use("todo", number % 2 === 0 ? { todos: [{ id: "1", content: `See ${asker.own}` }] } : {}, asker);
  const batch: Act = (asker, { number, word }) => {
    const target = number % 2 === 0 ? "user" : "memory";
    const mark = target === "user" ? asker.own : asker.shared;
    const operations = [
      { action: "add", content: `Drinks ${word}${number} ${mark}` },
      { action: "replace", old_text: `Drinks ${word}${number} ${mark}`, content: `Drinks ${word} no more ${mark}` },
    ];
    return use("memory", { target, operations }, asker);
  };
  const changeSkill: Act = (asker, { number, word }) => {
    const { shared } = asker;
    const content = skillText(skill, { description: `${skill} ${shared}`, body: `${shared} ${word}` });
    const file = { file_path: "references/notes.md" };
    const change = oneOf<object>(
      [
        { action: "edit", content },
        { action: "write_file", ...file, file_content: `${shared} ${word}\n` },
        { action: "remove_file", ...file },
        { action: "archive" },
        { action: "restore" },
      ],
      number,
    );
    return use("skill_manage", { ...change, name: skill, reason: shared }, asker);
  };
  const pressOther: Act = async (asker, { other, number }: Chance) => {
    const pressed = `${await questionOf(other)}:${oneOf(["c1", "once", "always"], number)}`;
    return say(asker, { text: "", pressed }, parts());
  };
  const command: Act = (asker, { number }) =>
    tell(asker, oneOf(["/help", "/whoami", "/stop", "/status", "/new"], number));

  /** What the guard asks about, once the person has said "always". */
  const allowed: Act = async (asker, { number }) => {
    const { profile, owner } = asker;
    const about = { profile, owner, session: asker.sessions.at(-1) ?? "" };
    await parts()
      .ports.permissions(about)
      .allow([asker.own], number % 2 === 0 ? "always" : "session");
    return (await tell(asker, "/allowed")) + (number % 3 === 0 ? await tell(asker, `/allowed forget 1`) : "");
  };

  const acts: Record<string, Act> = {
    converse: (asker, { word, number }) => tell(asker, `${word} ${number} ${marks(asker)}`),
    todo,
    clarify: (asker) => use("clarify", { question: `Tea, ${asker.own}?`, choices: ["yes", "no"] }, asker),
    pressOther,
    batch,
    changeSkill,
    useSkill: (asker, { word }) => tell(asker, `/${skill} ${word} ${marks(asker)}`),
    learn: (asker, { word }) => tell(asker, `/learn how ${word} is made, ${marks(asker)}`),
    refine: (asker, { word }) => tell(asker, `/refine ${word} ${marks(asker)}`),
    command,
    allowed,
  };
  // What was said while a question was open may be done later, by whichever message makes the turn go on.
  return { acts, writes: Object.keys(acts) };
}
