import { pack, unpack } from "../base/json.ts";
import type { Mailbox } from "../platforms/mailbox.ts";
import { mailboxKey, mailboxPrefix, pendingIndex } from "./keys.ts";
import type { Table } from "./table.ts";

const keptSeconds = 24 * 3600;
const digits = 15;

/** Letters share the index of what is pending: their version is its sort key, so a client reads only what is new. */
export function openMailbox(table: Table, profile: string, platform: string, now: () => number): Mailbox {
  const partition = (chat: string) => `${profile}:${platform}:mailbox:${chat}`;
  const marked = (version: number) => `${mailboxPrefix}${String(version).padStart(digits, "0")}`;

  async function put(chat: string, id: string, text: string, final: boolean): Promise<void> {
    await table.change(mailboxKey(partition(chat), id), {
      update: "SET body = :body, pendingAt = :version, expiresAt = :expiresAt",
      values: {
        ":body": pack({ id, text, final }),
        ":version": marked(now()),
        ":expiresAt": Math.floor(now() / 1000) + keptSeconds,
      },
    });
  }

  async function after(chat: string, version: number) {
    const items = await table.list({
      index: pendingIndex,
      KeyConditionExpression: "pk = :pk AND pendingAt >= :version",
      values: { ":pk": mailboxKey(partition(chat), "").pk, ":version": marked(version) },
    });
    return items.map((item) => ({
      ...(unpack(item["body"] as Uint8Array) as { id: string; text: string; final: boolean }),
      version: Number(String(item["pendingAt"]).slice(mailboxPrefix.length)),
    }));
  }

  return { put, after };
}
