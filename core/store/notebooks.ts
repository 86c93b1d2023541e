import * as z from "zod";
import { fatal } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { pack, unpack } from "../base/json.ts";
import type { Ledger, LedgerEntry } from "../learning/ledger.ts";
import type { Book, Decided } from "../memory/book.ts";
import { type Author, isSameNotes, type Note, type NotebookRecord, upgradeNotebook } from "../memory/note.ts";
import { changeOf, staged, withProposal } from "../memory/proposals.ts";
import type { NotebookChange, NotebookWritten } from "../tools/tool.ts";
import { notebookKey } from "./keys.ts";
import { settleLine } from "./ledger.ts";
import type { Table } from "./table.ts";

export interface NotebookOptions extends Author {
  profile: string;
  /** `memory` (the profile's own), `memory#<owner>` or `user#<owner>`. */
  name: string;
  /** The person, or the group's conversation, whose notebook it is; a private one cannot be opened without. */
  owner?: string;
  turn?: number;
  /** What the agent and the background jobs write waits for the person's approval. */
  needsApproval?: boolean;
}

/** The notebook as it was read, and how to write on top of it. */
interface Stored extends NotebookRecord {
  version: number;
  /** The line of the ledger that its entries come from. */
  line: string | undefined;
}

/** Others write too; after so many lost races something is wrong. */
const maxAttempts = 5;

/** Notes as the ledger keeps any state. */
const asJson = z.json();

const conflict = { status: "conflict" } as const;

/** A private notebook is opened by its owner's name alone, whatever a caller mixes up. */
function targetOf({ name, owner }: NotebookOptions): "memory" | "user" {
  const kind = name.split("#", 1)[0];
  const isOwn =
    name === kind ? kind === "memory" && owner === undefined : owner !== undefined && name === `${kind}#${owner}`;
  if (isOwn && (kind === "memory" || kind === "user")) return kind;
  throw fatal("A notebook was asked for under another owner's name.", { code: "store.notebook_owner" });
}

/**
 * The agent's memory and what it knows of a person: short notes, written by compare-and-set on a version. A change is first
 * a line of the ledger, then the notebook that refers to it; a line that no notebook ever referred to has not happened.
 */
export function openNotebook(table: Table, options: NotebookOptions, ledger: Ledger, now: () => number): Book {
  const { profile, name, owner, actor, session, turn, needsApproval = false } = options;
  const target = targetOf(options);
  const key = notebookKey(profile, name);
  const author: Author = { actor, ...(session !== undefined && { session }) };

  async function load(): Promise<Stored> {
    const item = await table.get(key);
    if (!item) return { entries: [], proposals: [], version: 0, line: undefined };
    const line = item["ledger"];
    return {
      ...upgradeNotebook(unpack(item["body"] as Uint8Array)),
      version: Number(item["version"]),
      line: typeof line === "string" ? line : undefined,
    };
  }

  /** False when the version is not the current one any more. */
  async function save(before: Stored, { entries, proposals }: NotebookRecord, line = before.line): Promise<boolean> {
    const { version } = before;
    const item = {
      version: version + 1,
      body: pack({ entries, proposals }),
      ...(line !== undefined && { ledger: line }),
    };
    const condition = { condition: "version = :version", values: { ":version": version } };
    if (await table.put(key, item, version === 0 ? undefined : condition)) return true;
    // A put whose answer was lost is repeated by the client, and fails on itself.
    return line !== undefined && line !== before.line && (await load()).line === line;
  }

  /** Writes the line of the ledger, then the notebook. */
  async function change(
    before: Stored,
    next: NotebookRecord,
    about: NotebookChange & Pick<LedgerEntry, "actor"> & { session?: string | undefined },
  ): Promise<NotebookWritten> {
    // Before the notebook forgets the line it comes from, that line is marked as one that has happened.
    if (before.line !== undefined) await settleLine(table, profile, before.line);
    const line = await ledger.append({
      actor: about.actor,
      subject: { kind: "notebook", name },
      action: about.action ?? (before.version === 0 ? "create" : "change"),
      before: before.version === 0 ? null : asJson.parse(before.entries),
      after: asJson.parse(next.entries),
      reason: about.reason,
      ...(owner !== undefined && { owner }),
      ...(about.session !== undefined && { session: about.session }),
      ...(turn !== undefined && { turn }),
    });
    if (await save(before, next, line.id)) return { status: "written", entry: line.id };
    // Somebody else was quicker: the line came to nothing, and nobody shall undo it.
    await ledger.markUndone(line.id, line.id);
    return conflict;
  }

  async function stage(before: Stored, entries: readonly Note[], reason: string): Promise<NotebookWritten | undefined> {
    const wanted = changeOf(before.entries, entries);
    if (!wanted) return undefined;
    const staging = { ...author, id: newId("proposal"), now: now(), reason };
    const proposals = staged(before.proposals, wanted, staging);
    if (proposals === undefined) return { status: "full" };
    if (proposals === before.proposals) return { status: "staged" };
    return (await save(before, { entries: before.entries, proposals: [...proposals] }))
      ? { status: "staged" }
      : conflict;
  }

  async function write(entries: readonly Note[], version: number, about: NotebookChange): Promise<NotebookWritten> {
    const before = await load();
    if (before.version !== version) return conflict;
    if (isSameNotes(before.entries, entries)) return { status: "written" };
    const waits = needsApproval && actor !== "person" ? await stage(before, entries, about.reason) : undefined;
    if (waits) return waits;
    return change(before, { entries: [...entries], proposals: before.proposals }, { ...about, actor, session });
  }

  async function decide(id: string, verdict: "approve" | "reject"): Promise<Decided> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const before = await load();
      const proposal = before.proposals.find((one) => one.id === id);
      if (!proposal) return { ok: false, problem: "it was decided before" };
      const proposals = before.proposals.filter((one) => one !== proposal);
      const fitted =
        verdict === "reject" ? { entries: before.entries } : withProposal(before.entries, proposal, target);
      if ("problem" in fitted) return { ok: false, problem: fitted.problem };
      const next = { entries: fitted.entries, proposals };
      const isUnchanged = isSameNotes(before.entries, next.entries);
      const about = { reason: `Approved: ${proposal.reason}`, actor: proposal.actor, session: proposal.session };
      const isDone = isUnchanged ? await save(before, next) : (await change(before, next, about)).status === "written";
      if (isDone) return { ok: true };
    }
    return { ok: false, problem: "others kept changing the notebook at the same time" };
  }

  return {
    name,
    target,
    ...(owner !== undefined && { owner }),
    author,
    read: async () => {
      const { entries, version } = await load();
      return { entries, version };
    },
    write,
    pending: async () => (await load()).proposals,
    decide,
  };
}
