import type { Recollections } from "../memory/external.ts";
import { recalledKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** What was recalled for an older message helps with today's no more than a fresh look would. */
const keptMs = 24 * 3_600_000;

export function openRecollections(table: Table, now: () => number): Recollections {
  return {
    async get({ profile, owner }) {
      const item = await table.get(recalledKey(profile, owner));
      return Number(item?.["until"] ?? 0) > now() ? String(item?.["text"]) : "";
    },
    async put({ profile, owner }, text) {
      const until = now() + keptMs;
      await table.change(recalledKey(profile, owner), {
        update: "SET #text = :text, #until = :until, expiresAt = :expiresAt",
        names: { "#text": "text", "#until": "until" },
        values: { ":text": text, ":until": until, ":expiresAt": Math.ceil(until / 1000) },
      });
    },
  };
}
