import { createHash, randomBytes, randomUUID } from "node:crypto";
import * as z from "zod";
import type { WorkspaceRecords } from "../shell.ts";

/** A machine that was asked for. */
const machineSchema = z.object({
  id: z.string(),
  /** What its agent is spoken to with. */
  token: z.string(),
  /** Where it is, once that is known. */
  place: z.record(z.string(), z.string()).optional(),
  /** Since then it has what was to be restored, and may have saved; in milliseconds since 1970. */
  greetedAt: z.number().optional(),
});
export type Machine = z.infer<typeof machineSchema>;

/** What the functions know together of a workspace. */
const recordSchema = z.object({
  machine: machineSchema.optional(),
  /** Keys of archives that the machine begins from; the first one that is there counts. */
  restore: z.array(z.string()).default([]),
  /** Why the machine before this one went without being put away; the model has to know. */
  ended: z.enum(["lost", "expired"]).optional(),
});
export type WorkspaceRecord = z.infer<typeof recordSchema>;

export interface Stored {
  record: WorkspaceRecord;
  version: number;
}

export async function readRecord(records: WorkspaceRecords, workspace: string): Promise<Stored> {
  const stored = await records.read(workspace);
  return { record: recordSchema.parse(stored?.value ?? {}), version: stored?.version ?? 0 };
}

/** False when somebody else wrote meanwhile. */
export const writeRecord = (
  records: WorkspaceRecords,
  workspace: string,
  { record, version }: Stored,
): Promise<boolean> => records.write(workspace, JSON.parse(JSON.stringify(record)), version);

export const newMachine = (): Machine => ({
  id: randomUUID(),
  token: randomBytes(32).toString("base64url"),
});

/** Each machine saves under a key of its own: one that is believed lost cannot overwrite what its successor saved. */
export const archiveKey = (workspace: string, machine: string): string => `snapshots/${workspace}/${machine}.tar.zst`;

/** All that a machine is told of its token before somebody comes with it. */
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
