import type { ToolMessage } from "../conversation/message.ts";
import type { Place } from "../conversation/place.ts";
import { stepRecordSchema, type OpenStep, type StepRecord, type WaitRecord } from "../conversation/turn.ts";
import type { BodyCodec } from "./bodies.ts";
import { lastStepKey, stepKey } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** What changes in an open step. */
export interface StepProgress {
  claim: string;
  begun: string[];
  results: ToolMessage[];
  waits: WaitRecord[];
  parkedAt: number | null;
  postponed?: string[] | undefined;
  /** Where the newest message came from, answers to questions included. */
  place: Place | null;
  activeMs: number;
  waitedMs: number;
}

export type StepClosing = Pick<StepProgress, "results" | "activeMs">;

/** A step is put once, when the model answered, and changed as its tools return: for most, once. */
export interface Steps {
  /** Steps of the session from this turn on, in order. */
  from(session: string, turn: number): Promise<StepRecord[]>;
  /** False when another worker has saved this step: its answer counts, ours is dropped. */
  put(session: string, step: StepRecord): Promise<boolean>;
  /** Saves how far an open step has come, whoever holds it next; false when the claim of `step` was lost. */
  advance(session: string, step: OpenStep, next: StepProgress): Promise<boolean>;
  /** False when the claim was lost: the results must be dropped. */
  close(session: string, step: OpenStep, closing: StepClosing): Promise<boolean>;
}

const held = { condition: "claim = :claim AND #status = :open", names: { "#status": "status" } };
const heldBy = (step: OpenStep) => ({ ":claim": step.claim, ":open": "open" });

/** What never changes once the model has answered. */
const bodyFields = [
  "turn",
  "step",
  "input",
  "said",
  "inbox",
  "place",
  "sender",
  "assistant",
  "finish",
  "usage",
  "model",
  "at",
] as const;

const bodyOf = (step: StepRecord): Partial<StepRecord> =>
  Object.fromEntries(bodyFields.map((name) => [name, step[name]]));

export function openSteps(table: Table, bodies: BodyCodec): Steps {
  const keyOf = (session: string, step: StepRecord) => stepKey(session, step.turn, step.step);

  async function toStep({ body, results, waits, pk: _pk, sk: _sk, ...state }: Item): Promise<StepRecord> {
    return stepRecordSchema.parse({
      ...((await bodies.read(body)) as object),
      ...state,
      results: results === undefined ? [] : await bodies.read(results),
      ...(waits !== undefined && { waits: await bodies.read(waits) }),
    });
  }

  async function from(session: string, turn: number): Promise<StepRecord[]> {
    const first = stepKey(session, turn, 0);
    const items = await table.list({
      where: "pk = :pk AND sk BETWEEN :first AND :last",
      values: { ":pk": first.pk, ":first": first.sk, ":last": lastStepKey },
    });
    return Promise.all(items.map(toStep));
  }

  async function put(session: string, step: StepRecord): Promise<boolean> {
    const { status, activeMs } = step;
    const holder = step.status === "open" ? { claim: step.claim, begun: step.begun } : {};
    return table.put(keyOf(session, step), { status, activeMs, ...holder, body: await bodies.write(bodyOf(step)) });
  }

  async function advance(session: string, step: OpenStep, next: StepProgress): Promise<boolean> {
    const changed = await table.change(keyOf(session, step), {
      update:
        "SET claim = :next, begun = :begun, results = :results, waits = :waits, parkedAt = :parkedAt, " +
        "postponed = :postponed, activeMs = :activeMs, waitedMs = :waitedMs, place = :place",
      ...held,
      values: {
        ...heldBy(step),
        ":next": next.claim,
        ":begun": next.begun,
        ":results": await bodies.write(next.results),
        ":waits": await bodies.write(next.waits),
        ":parkedAt": next.parkedAt,
        ":postponed": next.postponed ?? [],
        ":activeMs": next.activeMs,
        ":waitedMs": next.waitedMs,
        ":place": next.place,
      },
    });
    return changed !== undefined;
  }

  async function close(session: string, step: OpenStep, { results, activeMs }: StepClosing): Promise<boolean> {
    const changed = await table.change(keyOf(session, step), {
      update:
        "SET #status = :closed, results = :results, activeMs = :activeMs REMOVE claim, begun, waits, parkedAt, postponed",
      ...held,
      values: {
        ...heldBy(step),
        ":closed": "closed",
        ":results": await bodies.write(results),
        ":activeMs": activeMs,
      },
    });
    return changed !== undefined;
  }

  return { from, put, advance, close };
}
