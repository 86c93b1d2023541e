import { turnRecordSchema, type OwedTurn, type RunningTurn, type TurnRecord } from "../conversation/turn.ts";
import type { BodyCodec } from "./bodies.ts";
import { turnKey } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** The state of a turn's delivery; see conversation/turn.ts for what each status means. */
export interface Turns {
  get(session: string, turn: number): Promise<TurnRecord | undefined>;
  /** Saves the draft of a running turn; false when its reply is already owed. */
  setDraft(session: string, record: RunningTurn): Promise<boolean>;
  /** The reply is owed from here on; false when one was owed before, which then counts. */
  owe(session: string, record: OwedTurn): Promise<boolean>;
  /** Takes the delivery from a worker that is gone. */
  takeOver(session: string, record: OwedTurn, claim: string): Promise<boolean>;
  /** The ids of all parts sent so far; false when the claim was lost. */
  saveSent(session: string, record: OwedTurn): Promise<boolean>;
  settle(session: string, record: Exclude<TurnRecord, RunningTurn | OwedTurn>, claim: string): Promise<boolean>;
}

const status = { "#status": "status" };
const held = { condition: "#status = :delivering AND claim = :claim", names: status };
const unowed = { condition: "attribute_not_exists(pk) OR #status = :running", names: status };

export function openTurns(table: Table, bodies: BodyCodec): Turns {
  const keyOf = (session: string, record: TurnRecord) => turnKey(session, record.turn);

  async function toTurn(item: Item): Promise<TurnRecord> {
    const { body, ...state } = item;
    return turnRecordSchema.parse({ ...((await bodies.read(body)) as object), ...state });
  }

  async function get(session: string, turn: number): Promise<TurnRecord | undefined> {
    const item = await table.get(turnKey(session, turn));
    return item && toTurn(item);
  }

  async function setDraft(session: string, record: RunningTurn): Promise<boolean> {
    const { status, draft, ...body } = record;
    const item = { status, draft, body: await bodies.write(body) };
    return table.put(keyOf(session, record), item, { ...unowed, values: { ":running": "running" } });
  }

  async function owe(session: string, record: OwedTurn): Promise<boolean> {
    const { status, draft, sent, claim, ...body } = record;
    const item = { status, draft, sent, claim, body: await bodies.write(body) };
    return table.put(keyOf(session, record), item, { ...unowed, values: { ":running": "running" } });
  }

  async function changeHeld(session: string, record: TurnRecord, claim: string, update: string, values: Item) {
    const changed = await table.change(keyOf(session, record), {
      update,
      ...held,
      values: { ":delivering": "delivering", ":claim": claim, ...values },
    });
    return changed !== undefined;
  }

  const takeOver = (session: string, record: OwedTurn, claim: string) =>
    changeHeld(session, record, record.claim, "SET claim = :next", { ":next": claim });

  const saveSent = (session: string, record: OwedTurn) =>
    changeHeld(session, record, record.claim, "SET sent = :sent", { ":sent": record.sent });

  const settle: Turns["settle"] = (session, record, claim) =>
    changeHeld(
      session,
      record,
      claim,
      record.status === "delivered"
        ? "SET #status = :status, sent = :sent, deliveredAt = :detail"
        : "SET #status = :status, sent = :sent, reason = :detail",
      {
        ":status": record.status,
        ":sent": record.sent,
        ":detail": record.status === "delivered" ? record.deliveredAt : record.reason,
      },
    );

  return { get, setDraft, owe, takeOver, saveSent, settle };
}
