import { newId } from "../base/ids.ts";
import { lineageOf } from "../conversation/lineage.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { StepRecord } from "../conversation/turn.ts";
import { addUsage, noUsage } from "../conversation/usage.ts";
import { identityOf } from "../gateway/authorise.ts";
import { argumentsOf, commandHelp, type CommandName } from "../gateway/commands.ts";
import { refine } from "../learning/commands.ts";
import { findSession } from "../search/commands.ts";
import { rollbackText } from "../shells/checkpoints/rollback.ts";
import type { Workspace } from "../shells/shell.ts";
import { allowedText } from "./allowed.ts";
import type { Reply } from "./conclude.ts";
import type { Turn } from "./load.ts";
import type { Plan } from "./plan.ts";
import type { LearningCommand, TurnPorts } from "./ports.ts";
import { learnerOf } from "./unfold.ts";

type Answer = Pick<Reply, "text" | "buttons" | "nextSession">;

const help = () =>
  [
    "Just write to me; I answer, use my tools and remember what matters. I also understand:",
    ...Object.entries(commandHelp).map(([name, text]) => `- \`/${name}\`: ${text}`),
    "- `/learn`: make a skill of a page, a file or what we just did",
    "- `/<skill>`: do it by that skill",
  ].join("\n");

async function status(turn: Turn, ports: TurnPorts): Promise<string> {
  const steps = [...turn.earlier, ...turn.steps];
  const used = steps.map((step) => step.usage).reduce(addUsage, noUsage);
  const turns = new Set(steps.map((step) => step.turn)).size;
  return [
    `Session \`${turn.input.session}\`${turn.session ? `, since ${new Date(turn.session.startedAt).toISOString()}` : ", not begun yet"}`,
    `Model \`${(await ports.model()).name}\``,
    ...timesOf(steps),
    `${turns} turns, ${used.modelCalls} model calls, ${used.inputTokens} tokens in (${used.cacheReadTokens} from the cache), ${used.outputTokens} out`,
  ].join("\n");
}

/** What functions are billed for in this session, and the time that it waited without any. */
function timesOf(steps: readonly StepRecord[]): string[] {
  const total = (of: (step: StepRecord) => number) => Math.round(steps.map(of).reduce((a, b) => a + b, 0) / 1000);
  const waited = total(({ waitedMs }) => waitedMs);
  const active = `${total(({ activeMs }) => activeMs)} s of work`;
  return [waited > 0 ? `${active}, ${waited} s of waiting that nobody is billed for` : active];
}

/** The workspace of whoever the conversation belongs to. */
function workspaceOf(message: Inbound, turn: Turn, ports: TurnPorts): Promise<Workspace> {
  const { profile, owner } = learnerOf(turn, message);
  return ports.workspace(profile, owner);
}

/** First words of `/memory`, `/skills` and `/curator` that change nothing, and may be answered as often as it takes. */
const reading = new Set(["", ..."list search pending archived view log export status diff reports".split(" ")]);

const isReading = (args: string): boolean => reading.has(args.trim().split(/\s+/)[0]?.toLowerCase() ?? "");

/** What changes is done at most once: “the last” and “the second” mean another one when they are said again. */
async function change(command: LearningCommand, message: Inbound, turn: Turn, ports: TurnPorts): Promise<Answer> {
  const { conversation } = turn.input;
  const isFirst =
    isReading(argumentsOf(message.text)) || (await ports.store.inbox.begin(conversation, message.key, turn.claim));
  if (isFirst) return learning(command, message, turn, ports);
  return {
    text: `I was interrupted at that and have not tried again, since it may be done: \`/${command}\` shows it.`,
  };
}

const learning = (command: LearningCommand, message: Inbound, turn: Turn, ports: TurnPorts): Promise<Answer> =>
  ports.answerLearning(command, argumentsOf(message.text), {
    ...learnerOf(turn, message),
    conversation: turn.input.conversation,
    place: message.place,
    identity: identityOf(message),
  });

function refined({ text, place, key }: Inbound, { input, earlier }: Turn, ports: TurnPorts): Promise<string> {
  const { conversation, session } = input;
  const turn = earlier.at(-1)?.turn ?? input.turn;
  return refine({ conversation, session, turn, place, asked: key }, argumentsOf(text), ports);
}

/** A new session that begins where the other one stands: that one stays as it is, whoever else goes on with it. */
async function resume(message: Inbound, turn: Turn, ports: TurnPorts): Promise<Answer> {
  const { profile, owner } = learnerOf(turn, message);
  const { conversation, session } = turn.input;
  const sources = { sessions: ports.store.sessions, search: ports.search({ profile, owner, session }) };
  const id = await findSession(argumentsOf(message.text), { id: session, owner, conversation }, sources);
  const found = id === undefined ? undefined : await ports.store.sessions.get(id);
  if (!found) return { text: "I find no such session of yours. `/sessions` lists them; `/sessions words` searches." };
  const last = (await ports.store.steps.from(found.id, found.firstTurn)).at(-1)?.turn ?? 0;
  const nextSession = newId("session");
  await ports.store.sessions.create({
    ...found,
    id: nextSession,
    conversation,
    startedAt: ports.clock.now(),
    follows: turn.session?.id ?? turn.follows,
    firstTurn: turn.input.turn + 1,
    continues: { session: found.id, turn: last, before: lineageOf(found.continues) },
  });
  const since = new Date(found.startedAt).toISOString().slice(0, 10);
  return { text: `We go on with the session of ${since}. Both stay as they are: \`/new\` begins afresh.`, nextSession };
}

function allowed(message: Inbound, turn: Turn, ports: TurnPorts): Promise<string> {
  const { profile, owner, session } = learnerOf(turn, message);
  const isGroup = message.place.kind === "group";
  return allowedText(argumentsOf(message.text), { about: { profile, owner, session }, rules: ports.allowed, isGroup });
}

const whoamiText = (identity: string, { isOwner }: TurnPorts): string =>
  `You are \`${identity}\`, ${isOwner(identity) ? "an owner" : "not an owner"} of this agent.`;

const answers: Record<CommandName, (message: Inbound, turn: Turn, ports: TurnPorts) => Promise<Answer>> = {
  help: async () => ({ text: help() }),
  new: async () => ({ text: "A new session begins. The old one is kept.", nextSession: newId("session") }),
  stop: async () => ({ text: "Nothing is running." }),
  status: async (_message, turn, ports) => ({ text: await status(turn, ports) }),
  sessions: async (message, turn, ports) => learning("sessions", message, turn, ports),
  memory: async (message, turn, ports) => change("memory", message, turn, ports),
  skills: async (message, turn, ports) => change("skills", message, turn, ports),
  journey: async (message, turn, ports) => learning("journey", message, turn, ports),
  curator: async (message, turn, ports) => change("curator", message, turn, ports),
  refine: async (message, turn, ports) => ({
    text: turn.earlier.length === 0 ? "There is nothing to look over yet." : await refined(message, turn, ports),
  }),
  resume,
  rollback: async (message, turn, ports) => ({
    text: await rollbackText(await workspaceOf(message, turn, ports), argumentsOf(message.text), message.key),
  }),
  allowed: async (message, turn, ports) => ({ text: await allowed(message, turn, ports) }),
  whoami: async (message, _turn, ports) => ({ text: whoamiText(identityOf(message), ports) }),
};

/** What a command is answered with, whether or not a turn is under way. */
export const answerTo = (command: CommandName, message: Inbound, turn: Turn, ports: TurnPorts): Promise<Answer> =>
  answers[command](message, turn, ports);

/** The answer to a command: no model is asked, and the session's history does not change. */
export async function answerCommand(
  { command, messages }: Extract<Plan, { kind: "command" }>,
  turn: Turn,
  ports: TurnPorts,
): Promise<Reply> {
  const [message] = messages;
  const answer = await answerTo(command, message, turn, ports);
  return { ...answer, outcome: "answered", place: message.place, consumes: [message.key] };
}
