import { sessionSchema, type Session } from "../conversation/session.ts";
import type { BodyCodec } from "./bodies.ts";
import { listingIndex, sessionKey } from "./keys.ts";
import type { Table } from "./table.ts";

export interface Sessions {
  get(id: string): Promise<Session | undefined>;
  /** The stored session: this one, or the one that another worker stored first. */
  create(session: Session): Promise<Session>;
  /** Of this owner in the profile of this conversation, newest first; one that has just begun may be missing. */
  listOf(owner: Pick<Session, "owner" | "conversation">, limit: number): Promise<Session[]>;
}

/** A conversation key begins with its profile, and neither part can hold the separator (gateway/conversation-key.ts). */
const listingOf = ({ owner, conversation }: Pick<Session, "owner" | "conversation">): string =>
  `SESSIONS#${conversation.split(":")[0]}#${owner}`;

export function openSessions(table: Table, bodies: BodyCodec): Sessions {
  async function get(id: string): Promise<Session | undefined> {
    const item = await table.get(sessionKey(id));
    return item && sessionSchema.parse(await bodies.read(item["body"]));
  }

  async function create(session: Session): Promise<Session> {
    const item = {
      body: await bodies.write(session),
      listing: listingOf(session),
      listedAt: new Date(session.startedAt).toISOString(),
    };
    const isOurs = await table.put(sessionKey(session.id), item);
    return isOurs ? session : ((await get(session.id)) ?? session);
  }

  async function listOf(owner: Pick<Session, "owner" | "conversation">, limit: number): Promise<Session[]> {
    const items = await table.list({
      where: "#listing = :listing",
      index: listingIndex,
      names: { "#listing": "listing" },
      values: { ":listing": listingOf(owner) },
      backwards: true,
      limit,
      eventually: true,
    });
    return Promise.all(items.map(async ({ body }) => sessionSchema.parse(await bodies.read(body))));
  }

  return { get, create, listOf };
}
