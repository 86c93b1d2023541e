import { pack, unpack } from "../base/json.ts";
import type { Letter, Mailbox } from "../platforms/mailbox.ts";
import { mailboxKey, mailboxPrefix, pendingIndex } from "./keys.ts";
import type { Table } from "./table.ts";

const keptSeconds = 24 * 3600;
const digits = 15;
/** Full letters of 100 KB each still fit into what one function may answer, 6 MB. */
const maxLetters = 50;

/** Letters share the index of what is pending: their version is its sort key, so a client reads only what is new. */
export function openMailbox(table: Table, profile: string, platform: string, now: () => number): Mailbox {
  const partition = (chat: string) => `${profile}:${platform}:mailbox:${chat}`;
  const marked = (version: number) => `${mailboxPrefix}${String(version).padStart(digits, "0")}`;

  const put: Mailbox["put"] = async (chat, letter) => {
    await table.change(mailboxKey(partition(chat), letter.id), {
      update: "SET body = :body, pendingAt = :version, expiresAt = :expiresAt",
      values: {
        ":body": pack(letter),
        ":version": marked(now()),
        ":expiresAt": Math.floor(now() / 1000) + keptSeconds,
      },
    });
  };

  const after: Mailbox["after"] = async (chat, version) => {
    const items = await table.list({
      index: pendingIndex,
      where: "pk = :pk AND pendingAt >= :version",
      values: { ":pk": mailboxKey(partition(chat), "").pk, ":version": marked(version) },
      limit: maxLetters,
    });
    return items.map((item) => ({
      ...(unpack(item["body"] as Uint8Array) as Omit<Letter, "version">),
      version: Number(String(item["pendingAt"]).slice(mailboxPrefix.length)),
    }));
  };

  return { put, after };
}
