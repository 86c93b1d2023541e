import * as z from "zod";
import { pack, unpack } from "../base/json.ts";
import { type Place, placeSchema } from "../conversation/place.ts";
import { usageSchema } from "../conversation/usage.ts";
import { curatorKey, notebookKey, questionKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** What a run does, in this order. A run that was broken off goes on with its stage, every part of which may be repeated. */
export const stages = ["backup", "transitions", "consolidation", "memory", "report"] as const;

const runSchema = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  isDry: z.boolean(),
  /** Asked for by a person: the gates did not apply. */
  isManual: z.boolean(),
  stage: z.enum(stages),
  /** How many invocations have worked on it. */
  attempts: z.number(),
  /** Questions put to the model. */
  questions: z.number(),
  usage: usageSchema,
  /** What went wrong without ending the run: a sentence each. */
  problems: z.array(z.string()),
  /** Whether what time makes of the skills has been written down. */
  hasPlan: z.boolean(),
  /** Proposals that only one person may see. */
  privateProposals: z.number(),
});
export type CuratorRun = z.infer<typeof runSchema>;

const endedSchema = z.object({
  id: z.string(),
  at: z.number(),
  isDry: z.boolean(),
  /** One line for lists. */
  headline: z.string(),
});

const stateSchema = z.object({
  /** 0 until the curator has first looked. */
  lastRunAt: z.number(),
  isPaused: z.boolean(),
  run: runSchema.nullable(),
  /** The newest first. */
  ended: z.array(endedSchema),
  backups: z.array(z.object({ run: z.string(), at: z.number() })),
  /** Where an owner last spoke of the curator, or else was first told of something learnt: notices go there. */
  tellAt: placeSchema.nullable(),
  /** `platform:user id` of that owner, who may be none any more. */
  tellTo: z.string().optional(),
});
export type CuratorState = z.infer<typeof stateSchema>;

export const freshCuratorState: CuratorState = {
  lastRunAt: 0,
  isPaused: false,
  run: null,
  ended: [],
  backups: [],
  tellAt: null,
};

/** What the curator remembers between its runs. */
export interface CuratorRecords {
  read(): Promise<{ state: CuratorState; version: number }>;
  /** False when somebody else wrote since `version` was read. */
  write(state: CuratorState, version: number): Promise<boolean>;
  /** Whether the model answered this question before; questions are named by what they are about. */
  wasAsked(question: string): Promise<boolean>;
  noteAsked(question: string): Promise<void>;
}

/** After a quarter of a year the same skills may be looked at again. */
const questionSeconds = 90 * 24 * 3600;

export function openCuratorRecords(table: Table, profile: string, now: () => number): CuratorRecords {
  const key = curatorKey(profile);
  return {
    async read() {
      const item = await table.get(key);
      return item
        ? { state: stateSchema.parse(unpack(item["body"] as Uint8Array)), version: Number(item["version"]) }
        : { state: freshCuratorState, version: 0 };
    },
    write: (state, version) =>
      table.put(
        key,
        { version: version + 1, body: pack(state) },
        version === 0 ? undefined : { condition: "version = :version", values: { ":version": version } },
      ),
    async wasAsked(question) {
      const item = await table.get(questionKey(profile, question));
      // Items that have expired may stay for some days (DynamoDB developer guide, "Time to Live").
      return item !== undefined && Number(item["expiresAt"]) * 1000 > now();
    },
    async noteAsked(question) {
      const expiresAt = Math.floor(now() / 1000) + questionSeconds;
      await table.change(questionKey(profile, question), {
        update: "SET expiresAt = :at",
        values: { ":at": expiresAt },
      });
    },
  };
}

/** Whose notices go where. */
export interface Addressee {
  place: Place;
  /** `platform:user id` of the person whose chat it is. */
  identity: string;
  isOwner(identity: string | undefined): boolean;
}

/**
 * Lets notices go to this direct chat of an owner while no owner has said where else. Never in the way of anything: a race
 * is lost.
 */
export async function suggestPlace(records: CuratorRecords, { place, identity, isOwner }: Addressee): Promise<void> {
  if (place.kind !== "direct" || !isOwner(identity)) return;
  const { state, version } = await records.read();
  const isTaken = state.tellAt !== null && isOwner(state.tellTo);
  if (!isTaken) await records.write({ ...state, tellAt: place, tellTo: identity }, version);
}

/** Every notebook of a profile, with the owner of those that have one: `user#<owner>` and `memory#<owner>`. */
export async function notebooksOf(table: Table, profile: string): Promise<{ name: string; owner?: string }[]> {
  const { pk, sk: prefix } = notebookKey(profile, "");
  const items = await table.list({
    where: "pk = :pk AND begins_with(sk, :prefix)",
    values: { ":pk": pk, ":prefix": prefix },
  });
  return items.map((item) => {
    const name = String(item["sk"]).slice(prefix.length);
    const at = name.indexOf("#");
    return at < 0 ? { name } : { name, owner: name.slice(at + 1) };
  });
}
