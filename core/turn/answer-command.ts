import { newId } from "../base/ids.ts";
import type { Inbound } from "../conversation/inbound.ts";
import { addUsage, noUsage } from "../conversation/usage.ts";
import { commandHelp, type CommandName } from "../gateway/commands.ts";
import type { Reply } from "./conclude.ts";
import type { Turn } from "./load.ts";
import type { Plan } from "./plan.ts";
import type { TurnPorts } from "./ports.ts";

type Answer = Pick<Reply, "text" | "nextSession">;

const help = () =>
  [
    "Just write to me; I answer, use my tools and remember what matters. I also understand:",
    ...Object.entries(commandHelp).map(([name, text]) => `- \`/${name}\`: ${text}`),
  ].join("\n");

async function status(turn: Turn, ports: TurnPorts): Promise<string> {
  const steps = [...turn.earlier, ...turn.steps];
  const used = steps.map((step) => step.usage).reduce(addUsage, noUsage);
  const turns = new Set(steps.map((step) => step.turn)).size;
  return [
    `Session \`${turn.input.session}\`${turn.session ? `, since ${new Date(turn.session.startedAt).toISOString()}` : ", not begun yet"}`,
    `Model \`${(await ports.model()).name}\``,
    `${turns} turns, ${used.modelCalls} model calls, ${used.inputTokens} tokens in (${used.cacheReadTokens} from the cache), ${used.outputTokens} out`,
  ].join("\n");
}

const answers: Record<CommandName, (message: Inbound, turn: Turn, ports: TurnPorts) => Promise<Answer>> = {
  help: async () => ({ text: help() }),
  new: async () => ({ text: "A new session begins. The old one is kept.", nextSession: newId("session") }),
  stop: async () => ({ text: "Nothing is running." }),
  status: async (_message, turn, ports) => ({ text: await status(turn, ports) }),
  whoami: async ({ place, sender }) => ({ text: `You are \`${place.platform}:${sender.id}\`.` }),
};

/** The answer to a command: no model is asked, and the session's history does not change. */
export async function answerCommand(
  { command, messages }: Extract<Plan, { kind: "command" }>,
  turn: Turn,
  ports: TurnPorts,
): Promise<Reply> {
  const [message] = messages;
  const answer = await answers[command](message, turn, ports);
  return { ...answer, outcome: "answered", place: message.place, consumes: [message.key] };
}
