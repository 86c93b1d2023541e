/** What the curator is handed. */
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Button } from "../../platforms/platform.ts";
import type { Model } from "../../providers/provider.ts";
import type { SkillLibrary } from "../../skills/skill.ts";
import type { Costs } from "../../store/costs.ts";
import type { CuratorRecords } from "../../store/curator.ts";
import type { Proposals } from "../../store/proposals.ts";

/** An entry of a notebook with what is known of it; times are milliseconds since 1970. */
export interface CuratedEntry {
  text: string;
  createdAt: number;
  updatedAt: number;
  confirmedAt: number;
}

/** A notebook as the curator may see and change it, under its own name in the ledger. */
export interface CuratedNotebook {
  name: string;
  /** The person it is private to. */
  owner?: string;
  read(): Promise<{ entries: CuratedEntry[]; version: number }>;
  /** The texts afterwards, in order; what is known of entries that stay is kept. False when somebody wrote meanwhile. */
  write(texts: readonly string[], version: number, reason: string): Promise<boolean>;
}

export interface CuratorSettings {
  enabled: boolean;
  intervalHours: number;
  idleHours: number;
  pruneBundled: boolean;
  /** Proposals that keep all content are applied without asking. */
  auto: boolean;
  /** Questions to the model in one run; what is left waits for the next one. */
  maxQuestions: number;
}

export const defaultCuratorSettings: CuratorSettings = {
  enabled: true,
  intervalHours: 168,
  idleHours: 2,
  pruneBundled: false,
  auto: false,
  maxQuestions: 40,
};

/** What changes skills and notebooks when a proposal is approved, by whomever. */
export interface ApplyPorts {
  /** Opened for the actor "curator": what a person approved is still done under its rules. */
  skills: SkillLibrary;
  notebook(name: string, owner: string | undefined): CuratedNotebook;
  proposals: Proposals;
}

export interface CuratorPorts extends ApplyPorts {
  records: CuratorRecords;
  /** Every notebook of the profile. */
  notebooks(): Promise<CuratedNotebook[]>;
  /** When anybody of the profile last had a turn; 0 when nobody ever had. */
  lastTurnAt(): Promise<number>;
  /** Names of skills that cron jobs refer to. */
  referencedSkills(): Promise<ReadonlySet<string>>;
  model(): Promise<{ name: string; model: Model }>;
  /** Where each run has its row of the bill. */
  costs: Pick<Costs, "put">;
  /** Objects under `curator/<profile>/`. */
  files: { put(path: string, body: Uint8Array): Promise<void>; get(path: string): Promise<Uint8Array> };
  /** Tells the owner; with `id` the same notice is never told twice. Must not fail the run. */
  notify(notice: CuratorNotice): Promise<void>;
  settings: CuratorSettings;
  clock: Clock;
  log: Log;
}

export interface CuratorNotice {
  id: string;
  /** Markdown. */
  text: string;
  /** To decide on a single proposal, or to be shown one of several. */
  buttons?: readonly Button[];
}
