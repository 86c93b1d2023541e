import type { ToolMessage } from "../conversation/message.ts";
import { stepRecordSchema, type OpenStep, type StepRecord } from "../conversation/turn.ts";
import type { BodyCodec } from "./bodies.ts";
import { lastStepKey, stepKey } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** A step is put once, when the model answered, and changed once, when its tools have returned. */
export interface Steps {
  /** Steps of the session from this turn on, in order. */
  from(session: string, turn: number): Promise<StepRecord[]>;
  /** False when another worker has saved this step: its answer counts, ours is dropped. */
  put(session: string, step: StepRecord): Promise<boolean>;
  /** Takes an open step from a worker that is gone; false when that worker finished it after all, or another took it. */
  takeOver(session: string, step: OpenStep, claim: string): Promise<boolean>;
  /** False when the claim was lost: the results must be dropped. */
  close(session: string, step: OpenStep, results: ToolMessage[]): Promise<boolean>;
}

export function openSteps(table: Table, bodies: BodyCodec): Steps {
  const keyOf = (session: string, step: StepRecord) => stepKey(session, step.turn, step.step);

  async function toStep(item: Item): Promise<StepRecord> {
    const body = (await bodies.read(item["body"])) as object;
    const results = item["results"] === undefined ? [] : await bodies.read(item["results"]);
    return stepRecordSchema.parse({ ...body, status: item["status"], claim: item["claim"], results });
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
    const { status, ...body } = step;
    const state = step.status === "open" ? { claim: step.claim } : {};
    return table.put(keyOf(session, step), { status, ...state, body: await bodies.write(body) });
  }

  async function takeOver(session: string, step: OpenStep, claim: string): Promise<boolean> {
    const changed = await table.change(keyOf(session, step), {
      update: "SET claim = :claim",
      condition: "claim = :old AND #status = :open",
      names: { "#status": "status" },
      values: { ":claim": claim, ":old": step.claim, ":open": "open" },
    });
    return changed !== undefined;
  }

  async function close(session: string, step: OpenStep, results: ToolMessage[]): Promise<boolean> {
    const changed = await table.change(keyOf(session, step), {
      update: "SET #status = :closed, results = :results REMOVE claim",
      condition: "claim = :claim AND #status = :open",
      names: { "#status": "status" },
      values: {
        ":closed": "closed",
        ":results": await bodies.write(results),
        ":claim": step.claim,
        ":open": "open",
      },
    });
    return changed !== undefined;
  }

  return { from, put, takeOver, close };
}
