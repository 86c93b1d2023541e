import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../core/base/clock.ts";
import { allowListOf, isOwner } from "../../core/gateway/authorise.ts";
import { personOf } from "../../core/gateway/conversation-key.ts";
import type { Learner } from "../../core/learning/review/ports.ts";
import { openSessionSearch } from "../../core/search/find.ts";
import type { SearchFor } from "../../core/search/search.ts";
import { openShelf, type Shelf } from "../../core/search/shelf.ts";
import { openSegments } from "../../core/search/store.ts";
import { problem, type SkillStore } from "../../core/skills/library.ts";
import type { Actor } from "../../core/skills/skill.ts";
import { openLedger } from "../../core/store/ledger.ts";
import { openNotebook } from "../../core/store/notebooks.ts";
import { openSkillLibrary } from "../../core/store/skills.ts";
import type { Table } from "../../core/store/table.ts";
import type { RemovableBlobs } from "./aws.ts";
import type { Environment } from "./environment.ts";

/** Of /tmp, which has 512 MB in a Lambda: segments of the search index are kept there between invocations. */
const shelfBytes = 150_000_000;

/** For this composition alone, and readable by nobody else: what people said is in it. */
function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "talaria-search-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Skills are in everybody's prompt: where anybody may talk to the agent, only its owners change them. */
const closed = problem(
  "Everybody is let in here, so skills are changed by the owner of this agent alone. Tell the person so.",
);
const closedToStrangers = (library: SkillStore): SkillStore => ({
  ...library,
  commit: async () => closed,
  mark: async () => closed,
  undo: async () => closed,
});

/** Opened when something is searched for the first time. Those who share an instance share it. */
export function learningShelf(blobs: RemovableBlobs): () => Shelf {
  let shelf: Shelf | undefined;
  return () => (shelf ??= openShelf({ blobs, folder: privateFolder(), maxBytes: shelfBytes }));
}

export interface LearningParts {
  table: Table;
  blobs: RemovableBlobs;
  actor: Actor;
  shelf?: () => Shelf;
}

/** What an actor remembers and learns, each change with where it comes from. */
export function composeLearning({ settings }: Environment, parts: LearningParts) {
  const { table, blobs, actor, shelf = learningShelf(blobs) } = parts;
  const now = () => systemClock.now();
  // The agent's own notebook is in everybody's prompt: where anybody may talk to it, nobody may write for others.
  const allowed = allowListOf(settings);
  const isOpenToAll = allowed.everybody;
  const needsApproval = settings["TALARIA_MEMORY_APPROVAL"] === "1";
  const ledger = (profile: string) => openLedger(table, profile, now);
  const segments = (profile: string, owner: string) => openSegments({ table, blobs, shelf: shelf(), profile, owner });
  const library = ({ profile, session, turn }: Learner, reads?: Set<string>): SkillStore =>
    openSkillLibrary({
      table,
      blobs,
      ledger: ledger(profile),
      profile,
      actor,
      session,
      turn,
      now,
      ...(reads && { reads }),
    });
  return {
    ledger,
    isOpenToAll,
    isOwner: (identity: string | undefined): boolean => isOwner(identity, allowed),
    needsApproval,
    segments,
    notebooks({ profile, owner, session, turn }: Learner) {
      const by = { profile, actor, session, turn, needsApproval };
      const shared = isOpenToAll ? { ...by, name: `memory#${owner}`, owner } : { ...by, name: "memory" };
      return {
        memory: openNotebook(table, shared, ledger(profile), now),
        user: openNotebook(table, { ...by, name: `user#${owner}`, owner }, ledger(profile), now),
      };
    },
    /** The skills as whoever speaks in a session may change them. */
    skills(learner: Learner, reads?: Set<string>): SkillStore {
      const isStranger = isOpenToAll && !isOwner(personOf(learner.owner), allowed);
      return isStranger ? closedToStrangers(library(learner, reads)) : library(learner, reads);
    },
    /** For the commands of one person, who may be an owner in a group. */
    skillsOf: (learner: Learner, identity: string): SkillStore =>
      isOpenToAll && !isOwner(identity, allowed) ? closedToStrangers(library(learner)) : library(learner),
    search: ({ profile, owner, session, lineage = [] }: SearchFor) =>
      openSessionSearch({ segments: segments(profile, owner), except: [session, ...lineage] }),
  };
}
