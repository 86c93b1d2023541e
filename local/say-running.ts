import { randomUUID } from "node:crypto";
import { openButtons } from "../web/chat/transcript.ts";
import { runningAgent } from "./chat/agent.ts";
import { askOnce } from "./chat/ask-once.ts";
import type { Options } from "./options.ts";
import { type SayResult, unanswerable } from "./say.ts";

/** What a client of a running agent knows of a turn; the rest is null, since only that process could tell. */
type RunningResult = Pick<SayResult, "reply" | "ms"> & Record<Exclude<keyof SayResult, "reply" | "ms">, null>;

/** Says it to the agent that runs in this data folder, in a conversation of its own; `undefined` when none runs. */
export async function sayToRunning(message: string, options: Options): Promise<RunningResult | undefined> {
  const agent = await runningAgent(options, process.env, `say-${randomUUID().slice(0, 8)}`);
  if (!agent) return undefined;
  const startedAt = Date.now();
  const transcript = await askOnce(agent.wire, message, { from: 0 });
  const ms = Date.now() - startedAt;
  const written = transcript.entries.flatMap((entry) => (entry.by === "agent" && entry.final ? [entry.text] : []));
  const reply = written.join("\n");
  if (openButtons(transcript).length > 0) throw unanswerable(reply);
  return { reply, ms, turn: null, steps: null, tools: null, usage: null, awsCalls: null };
}
