import type { Message } from "../../core/conversation/message.ts";
import { until, type TestAgent } from "../support/agent.ts";
import type { Brain, SeenRequest } from "../fakes/model-server.ts";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A turn of three tool calls (a read, a write, an outward command) with a second message in the middle. What the
 * scripted model says next depends only on the history, as with a real model.
 */
export interface Scenario {
  person: number;
  brain: Brain;
  /** Sends the first message, as a platform would: again and again until it is accepted. */
  begin(): Promise<void>;
  /** Texts of both messages; each must be answered. */
  texts: [first: string, second: string];
}

const redeliverMs = 50;

/** Hands one delivery to the ingress. */
export type Say = TestAgent["say"];

async function deliver(say: Say, text: string, person: number, update: number): Promise<void> {
  await until(
    "the message to be accepted",
    async () => {
      const status = await say(text, { from: person, update }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status !== 200) await sleep(redeliverMs);
      return status === 200;
    },
    { withinMs: 30_000 },
  );
}

/** Begins every question of ours, so that it is told from an answer. */
export const questionMark = "Question";

const outwardCommand = "echo done >> outward.log";

/** The tool calls since this scenario began, answered or not. */
const callsIn = (messages: readonly Message[]) =>
  messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));

const saidBy = (messages: readonly Message[]) =>
  messages.flatMap((message) => (message.role === "user" ? message.text.split("\n\n") : []));

export function makeScenario(person: number, say: Say): Scenario {
  const texts: [string, string] = [`first of ${person}`, `second of ${person}`];
  let secondSent: Promise<void> | undefined;

  async function brain({ messages }: SeenRequest) {
    const calls = callsIn(messages);
    if (calls.length === 0) return { toolCalls: [{ name: "read_file", arguments: { path: "notes.txt" } }] };
    if (calls.length === 1) {
      secondSent ??= deliver(say, texts[1], person, person * 10 + 2);
      await secondSent;
      return { toolCalls: [{ name: "write_file", arguments: { path: "notes.txt", content: "noted" } }] };
    }
    if (calls.length === 2) return { toolCalls: [{ name: "terminal", arguments: { command: outwardCommand } }] };
    return { text: `Answering: ${saidBy(messages).join(" + ")}` };
  }

  return { person, texts, brain, begin: () => deliver(say, texts[0], person, person * 10 + 1) };
}

/** A turn that asks the person a question and waits for the second message as its answer. */
export function makeWaitingScenario(person: number, say: Say, replies: () => readonly string[]): Scenario {
  const texts: [string, string] = [`first of ${person}`, `second of ${person}`];

  function brain({ messages }: SeenRequest) {
    if (callsIn(messages).length === 0)
      return { toolCalls: [{ name: "clarify", arguments: { question: `${questionMark} of ${person}?` } }] };
    const answers = messages.flatMap((message) => (message.role === "tool" ? [message.content] : []));
    return { text: `Answering: ${[...saidBy(messages), ...answers].join(" + ")}` };
  }

  async function begin(): Promise<void> {
    await deliver(say, texts[0], person, person * 10 + 1);
    // The question, or the report that it may not have been asked.
    await until("something to answer", () => replies().length > 0, { withinMs: 30_000 });
    await deliver(say, texts[1], person, person * 10 + 2);
  }

  return { person, texts, brain, begin };
}
