import { randomUUID } from "node:crypto";
import type { Clock } from "../core/base/clock.ts";
import { isKind, messageOf } from "../core/base/errors.ts";
import { printable } from "../local/chat/printer.ts";
import { messageIds } from "../web/chat/message-id.ts";
import { openWire, type Wire } from "../web/chat/wire.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

/** The practice model answers this as well. */
const question = "Say ready";
const expected = /\bready\b/i;

/** A first turn pays for cold starts of three functions, and for the model. */
const patienceMs = 120_000;
/** A new address is known everywhere only after some seconds. */
const acceptanceMs = 30_000;
const pollMs = 500;
const shownLength = 300;

export interface SelfTestOptions {
  /** The agent's address, without a slash at the end. */
  url: string;
  /** The web platform's token. */
  token: string;
  clock: Clock;
}

/** One turn on the way of every message: posted to the web platform, answered by the model, fetched as a letter. */
export async function selfTest({ url, token, clock }: SelfTestOptions): Promise<Finding> {
  const wire = openWire({ url, token, chat: `self-test-${randomUUID().slice(0, 8)}` });
  const startedAt = clock.now();
  try {
    await post(wire, clock, startedAt);
  } catch (error) {
    return problem(`Self-test: the message was not accepted: ${messageOf(error)}`, logCure("webhooks"));
  }
  const reply = await firstReply(wire, clock, startedAt);
  if (reply === undefined) return problem(`Self-test: no reply within ${patienceMs / 1000} s`, logCure("agent-step"));
  const seconds = ((clock.now() - startedAt) / 1000).toFixed(1);
  if (expected.test(reply))
    return ok(`Self-test: a turn through the ingress, “${question}”, was answered after ${seconds} s`);
  const shown = printable(reply.replace(/\s+/g, " ")).slice(0, shownLength);
  return warning(
    `Self-test: “${question}” was answered after ${seconds} s by “${shown}”`,
    "if that is no answer of the model: what it says",
  );
}

const logCure = (name: string) => `look into the log of ${name} (docs/operate.md, “The logs of one turn”)`;

/** The same message again is the same message: it is answered once. */
async function post(wire: Wire, clock: Clock, startedAt: number): Promise<void> {
  const id = messageIds(clock.now)();
  for (;;) {
    try {
      return await wire.send(id, question);
    } catch (error) {
      if (!isKind(error, "retryable") || clock.now() - startedAt > acceptanceMs) throw error;
      await clock.sleep(pollMs);
    }
  }
}

/** A letter that cannot be fetched is fetched again, as a client would. */
async function firstReply(wire: Wire, clock: Clock, startedAt: number): Promise<string | undefined> {
  while (clock.now() - startedAt < patienceMs) {
    const letters = await wire.lettersAfter(0).catch(() => []);
    const reply = letters.find(({ final }) => final);
    if (reply) return reply.text;
    await clock.sleep(pollMs);
  }
  return undefined;
}
