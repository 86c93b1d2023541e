import type { Message } from "../../core/conversation/message.ts";
import type { Reply } from "../../tests/fakes/model-server.ts";
import type { Script } from "./outside.ts";

/** A message that tells the scripted model what to do: who says it, which message of theirs it is, and the script. */
export const scriptText = (person: number, number: number, { steps, tool }: Script): string =>
  `person=${person} number=${number} steps=${steps} tool=${tool}`;

const pattern = /person=(\d+) number=(\d+) steps=(\d+) tool=(\w+)/g;

/** What each tool that a script may name is called with: a call that does next to nothing. */
const calls: Readonly<Record<string, unknown>> = { todo: {}, read_file: { path: "." } };

interface Said extends Script {
  person: number;
  number: number;
}

const saidIn = (messages: readonly Message[]): Said[] =>
  messages
    .flatMap((message) => (message.role === "user" ? [...message.text.matchAll(pattern)] : []))
    .map(([, person, number, steps, tool = ""]) => ({
      person: Number(person),
      number: Number(number),
      steps: Number(steps),
      tool,
    }));

/** The messages of the turn under way: all after the last answer that asked for no tool. */
function currentTurn(messages: readonly Message[]): readonly Message[] {
  const start = messages.findLastIndex((message) => message.role === "assistant" && message.toolCalls.length === 0);
  return messages.slice(start + 1);
}

export interface Decision {
  person: number;
  /** Numbers of all messages of this turn, in the order in which the model is shown them. */
  numbers: number[];
  reply: Reply;
}

/** What the model answers: a pure function of the history, as with a real model. */
export function decide(messages: readonly Message[]): Decision {
  const turn = currentTurn(messages);
  const said = saidIn(turn);
  const last = said.at(-1);
  if (!last) throw new Error("The model was asked without a message that has a script.");
  const steps = Math.max(...said.map((one) => one.steps));
  const taken = turn.filter((message) => message.role === "assistant").length;
  const numbers = said.map((one) => one.number);
  const isLast = taken >= steps - 1;
  const reply = isLast
    ? { text: replyText(numbers) }
    : { toolCalls: [{ name: last.tool, arguments: calls[last.tool] ?? {} }] };
  return { person: last.person, numbers, reply };
}

/** Short enough that no draft of it is shown: a draft would be one more call to the platform, and waits of its own. */
const replyText = (numbers: readonly number[]): string => `Re ${numbers.join(" ")}`;

/** The message numbers that a reply answers; none when it is not the scripted model's. */
export const numbersIn = (reply: string): number[] =>
  /^Re [\d ]+$/.test(reply) ? reply.slice(3).split(" ").map(Number) : [];
