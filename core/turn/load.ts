import { stepsBefore } from "../conversation/lineage.ts";
import type { Session } from "../conversation/session.ts";
import type { StepRecord, TurnRecord } from "../conversation/turn.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { Place } from "../conversation/place.ts";
import type { TurnInput } from "./machine.ts";
import type { DeliveryPorts } from "./ports.ts";

/** A turn as one invocation sees it: loaded once, then kept up to date by what it saves itself. */
export interface Turn {
  input: TurnInput;
  /** This invocation's name on what it works at. */
  claim: string;
  session: Session | undefined;
  /** The last session of the conversation that was opened before this one. */
  follows: string | undefined;
  /** Steps of earlier turns in the active window. */
  earlier: StepRecord[];
  /** Steps of this turn. */
  steps: StepRecord[];
  record: TurnRecord | undefined;
  /** The conversation went on without this turn: nothing but its end may be left to do. */
  isOver: boolean;
  /** Keys of inbox messages that are consumed by steps of this turn. */
  consumed: Set<string>;
  /** Those of them that another invocation consumed and may not have marked. */
  recovered: Set<string>;
  /** Who sent the newest of them: the one who may answer the questions of this turn. */
  sender: string | undefined;
  /** Where the reply goes: where the newest consumed message came from. */
  place: Place | undefined;
  startedAt: number;
  /** When this invocation began. */
  loadedAt: number;
  /** Until when the time of this invocation has been written down with a step. */
  accountedAt: number;
  /** A look at the queue that was begun beside other calls; the next `drain` uses it up. */
  looking: Promise<Inbound[]> | undefined;
  /** Consumed messages that are being marked. Whatever lets the conversation go must wait for this first. */
  marking: Promise<unknown>;
}

/** Reads in two rounds what the turn is about: the session's steps from its first active turn on. */
export async function loadTurn(input: TurnInput, claim: string, { store, clock }: DeliveryPorts): Promise<Turn> {
  const loadedAt = clock.now();
  const looking = begun(store.inbox.pending(input.conversation));
  const [session, record, lease] = await Promise.all([
    store.sessions.get(input.session),
    store.turns.get(input.session, input.turn),
    store.leases.current(input.conversation),
  ]);
  // A session that could not be opened has no record, yet what we told the person about it is kept as steps.
  const [before, all] = await Promise.all([
    stepsBefore(session, store),
    store.steps.from(input.session, session?.firstTurn ?? 0),
  ]);
  const steps = all.filter((step) => step.turn === input.turn);
  const consumed = steps.flatMap((step) => step.inbox);
  return {
    input,
    claim,
    session,
    follows: lease?.follows,
    record,
    isOver: !lease?.held || lease.turn !== input.turn,
    steps,
    earlier: [...before, ...all.filter((step) => step.turn < input.turn)],
    consumed: new Set(consumed),
    recovered: new Set(consumed),
    sender: steps.findLast((step) => step.sender !== undefined)?.sender,
    place: steps.findLast((step) => step.place !== null)?.place ?? undefined,
    startedAt: record?.startedAt ?? steps[0]?.at ?? loadedAt,
    loadedAt,
    accountedAt: loadedAt,
    looking,
    marking: Promise.resolve(),
  };
}

/** A call whose failure is met where its result is awaited, which may be later than it happens. */
export function begun<Result>(call: Promise<Result>): Promise<Result> {
  call.catch(() => undefined);
  return call;
}

/** What waits for this turn. Messages that a step has but a crash left in the queue are taken out of it here. */
export async function drain(turn: Turn, { store }: DeliveryPorts): Promise<Inbound[]> {
  const { conversation, session, turn: number } = turn.input;
  const pending = await (turn.looking ?? store.inbox.pending(conversation));
  turn.looking = undefined;
  const left = pending.filter((message) => turn.recovered.has(message.key)).map((message) => message.key);
  turn.recovered.clear();
  await store.inbox.consume(conversation, left, `${session}#${number}`);
  return pending.filter((message) => !turn.consumed.has(message.key));
}

/** The time that this invocation has spent since it was last asked. */
export function spentMs(turn: Turn, now: number): number {
  const spent = now - turn.accountedAt;
  turn.accountedAt = now;
  return spent;
}
