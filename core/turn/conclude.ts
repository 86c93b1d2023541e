import type { Outcome, OwedTurn, StepRecord, TurnRecord } from "../conversation/turn.ts";
import type { Place } from "../conversation/place.ts";
import type { Button } from "../platforms/platform.ts";
import { addUsage, noUsage } from "../conversation/usage.ts";
import { nobody } from "./claim.ts";
import { deliver } from "./deliver.ts";
import { finish } from "./finish.ts";
import { spentMs, type Turn } from "./load.ts";
import type { DeliveryPorts } from "./ports.ts";

export interface Reply {
  text: string;
  outcome: Outcome;
  place: Place;
  /** What can be decided with one press. */
  buttons?: readonly Button[];
  /** Keys of messages that this reply answers and no step has. */
  consumes?: readonly string[];
  /** `/new`: the session that follows. */
  nextSession?: string;
}

/** The last act of a turn: the reply is owed, sent, and the conversation let go. */
export async function conclude(turn: Turn, reply: Reply, ports: DeliveryPorts): Promise<void> {
  const { session, turn: number } = turn.input;
  const consumes = reply.consumes ?? [];
  const total = (of: (step: StepRecord) => number) => turn.steps.map(of).reduce((a, b) => a + b, 0);
  const owed: OwedTurn = {
    status: "delivering",
    claim: turn.claim,
    turn: number,
    startedAt: turn.startedAt,
    owedAt: ports.clock.now(),
    draft: turn.record?.draft ?? null,
    outcome: reply.outcome,
    place: reply.place,
    reply: reply.text,
    ...(reply.buttons && reply.buttons.length > 0 && { buttons: [...reply.buttons] }),
    inbox: [...turn.consumed, ...consumes],
    ...(reply.nextSession && { nextSession: reply.nextSession }),
    sent: [],
    usage: turn.steps.map((step) => step.usage).reduce(addUsage, noUsage),
    steps: turn.steps.length,
    activeMs: total(({ activeMs }) => activeMs) + spentMs(turn, ports.clock.now()),
    waitedMs: total(({ waitedMs }) => waitedMs),
  };
  if (!(await ports.store.turns.owe(session, owed))) return resume(turn, ports);
  await deliver({ session, owed, inDoubt: false }, ports);
  await turn.marking;
  const unmarked = [...turn.recovered, ...consumes];
  await finish(turn.input, { inbox: unmarked, next: nextOf(turn, reply) }, ports);
}

/** A session that was never opened is not followed: the one before it is. */
function nextOf({ session, follows }: Turn, { nextSession }: { nextSession?: string | undefined }) {
  return nextSession === undefined ? undefined : { session: nextSession, follows: session?.id ?? follows };
}

/** True when only the end of the turn is left to do. */
export const isOwed = (record: TurnRecord | undefined): boolean => record !== undefined && record.status !== "running";

/** Goes on where a worker died between owing the reply and letting the conversation go. */
export async function resume(turn: Turn, ports: DeliveryPorts): Promise<void> {
  const { session, turn: number } = turn.input;
  await turn.marking;
  const record = await ports.store.turns.get(session, number);
  if (!record || record.status === "running") return finish(turn.input, { inbox: [] }, ports);
  if (record.status === "delivering") {
    const isOurs = await ports.store.turns.takeOver(session, record, turn.claim);
    if (!isOurs) return;
    const owed = { ...record, claim: turn.claim };
    await deliver({ session, owed, inDoubt: record.claim !== nobody }, ports);
  }
  await finish(turn.input, { inbox: record.inbox, next: nextOf(turn, record) }, ports);
}
