import * as z from "zod";
import { pack, unpack } from "../base/json.ts";
import type { Notebook } from "../tools/tool.ts";
import { notebookKey } from "./keys.ts";
import type { Table } from "./table.ts";

const entriesSchema = z.array(z.string());

/** The agent's memory and what it knows of a person: small texts, written by compare-and-set on a version. */
export function openNotebook(table: Table, profile: string, name: string): Notebook {
  const key = notebookKey(profile, name);

  async function read() {
    const item = await table.get(key);
    return item
      ? { entries: entriesSchema.parse(unpack(item["body"] as Uint8Array)), version: Number(item["version"]) }
      : { entries: [], version: 0 };
  }

  const write = (entries: string[], version: number) =>
    table.put(
      key,
      { version: version + 1, body: pack(entries) },
      version === 0 ? undefined : { condition: "version = :version", values: { ":version": version } },
    );

  return { read, write };
}
