import { sessionSchema, type Session } from "../conversation/session.ts";
import type { BodyCodec } from "./bodies.ts";
import { sessionKey } from "./keys.ts";
import type { Table } from "./table.ts";

export interface Sessions {
  get(id: string): Promise<Session | undefined>;
  /** The stored session: this one, or the one that another worker stored first. */
  create(session: Session): Promise<Session>;
}

export function openSessions(table: Table, bodies: BodyCodec): Sessions {
  async function get(id: string): Promise<Session | undefined> {
    const item = await table.get(sessionKey(id));
    return item && sessionSchema.parse(await bodies.read(item["body"]));
  }

  async function create(session: Session): Promise<Session> {
    const item = {
      body: await bodies.write(session),
      listing: `SESSIONS#${session.owner}`,
      listedAt: new Date(session.startedAt).toISOString(),
    };
    const isOurs = await table.put(sessionKey(session.id), item);
    return isOurs ? session : ((await get(session.id)) ?? session);
  }

  return { get, create };
}
