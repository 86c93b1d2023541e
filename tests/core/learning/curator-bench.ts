/** A curator for tests: the real stores on the embedded cloud, the real provider client against a scripted model. */
import type { Clock } from "../../../core/base/clock.ts";
import { silentLog } from "../../../core/base/log.ts";
import type { CuratorCommandPorts } from "../../../core/learning/curator/commands.ts";
import {
  type CuratedEntry,
  type CuratedNotebook,
  type CuratorNotice,
  type CuratorPorts,
  type CuratorSettings,
  defaultCuratorSettings,
} from "../../../core/learning/curator/ports.ts";
import type { Suggestion } from "../../../core/learning/curator/consolidation.ts";
import type { Model } from "../../../core/providers/provider.ts";
import type { SkillStore } from "../../../core/skills/library.ts";
import type { Actor, SkillRecord } from "../../../core/skills/skill.ts";
import type { Blobs } from "../../../core/store/bodies.ts";
import { openActivity } from "../../../core/store/activity.ts";
import { openCosts } from "../../../core/store/costs.ts";
import { openCuratorRecords } from "../../../core/store/curator.ts";
import { openProposals } from "../../../core/store/proposals.ts";
import type { Table } from "../../../core/store/table.ts";
import { openai } from "../../../core/providers/openai.ts";
import { type Brain, type ModelServer, startModelServer } from "../../fakes/model-server.ts";
import {
  freshProfile,
  memoryLedger,
  type MemoryLedger,
  type SkillBench,
  skillText,
  startSkillBench,
} from "../skills/skill-bench.ts";

export const dayMs = 24 * 3_600_000;

export interface CuratorBench {
  skills: SkillBench;
  server: ModelServer;
  open(options?: CuratorOptions): Promise<Curated>;
  close(): Promise<void>;
}

export interface CuratorOptions {
  settings?: Partial<CuratorSettings>;
  /** What the model answers; absent: nothing to propose. */
  brain?: Brain;
  /** Stand in for the table and the files, for faults. */
  over?: { table: Table; blobs: Blobs };
}

/** A profile with its curator. */
export interface Curated {
  ports: CuratorPorts;
  profile: string;
  ledger: MemoryLedger;
  notices: CuratorNotice[];
  books: Map<string, CuratedEntry[]>;
  as(actor: Actor, session?: string): SkillStore;
  /** A skill that the review has learnt, this many days ago. */
  learn(
    name: string,
    about?: { description?: string; body?: string; daysAgo?: number; files?: { path: string; content: string }[] },
  ): Promise<SkillRecord>;
  /** The same curator as another invocation would open it. */
  again(over?: CuratorOptions["over"]): CuratorPorts;
  commands(owner?: string, identity?: string): CuratorCommandPorts & { started: { isDry: boolean }[] };
  /** Moves the curator's clock. */
  later(ms: number): void;
}

export async function startCuratorBench(): Promise<CuratorBench> {
  const skills = await startSkillBench();
  let brain: Brain = nothing;
  const server = await startModelServer((request) => brain(request));
  const model = await openai.connect({ OPENAI_API_KEY: "sk-of-the-scripted-model", OPENAI_BASE_URL: server.openaiUrl });
  return {
    skills,
    server,
    async open(options = {}) {
      brain = options.brain ?? nothing;
      return openCurated(skills, model, options);
    },
    async close() {
      await Promise.all([skills.close(), server.close()]);
    },
  };
}

const nothing: Brain = () => ({ text: '{"proposals":[],"flaws":[]}' });

/** A model that always suggests the same. */
export const suggesting = (...proposals: (Partial<Suggestion> & Pick<Suggestion, "kind" | "from">)[]): Brain => {
  const answer = { proposals: proposals.map((each) => ({ reason: "They are about the same.", ...each })), flaws: [] };
  return () => ({ text: `Here it is:\n${JSON.stringify(answer)}` });
};

function openCurated(skills: SkillBench, model: Model, { settings, over }: CuratorOptions): Curated {
  const profile = freshProfile();
  const ledger = clockedLedger(() => now());
  const notices: CuratorNotice[] = [];
  const books = new Map<string, CuratedEntry[]>();
  let shift = 0;
  const now = () => Date.now() + shift;
  const clock: Clock = { now, sleep: async () => {} };
  const as = (actor: Actor, session = "ses_1", at = over ?? skills): SkillStore =>
    skills.open({ profile, ledger, actor, session, now, table: at.table, blobs: at.blobs });
  const notebook = (name: string, owner: string | undefined): CuratedNotebook => bookOf(books, name, owner);
  const again: Curated["again"] = (at = over ?? skills) => ({
    skills: as("curator", "curator", at),
    notebook,
    notebooks: async () => [...books.keys()].map((name) => notebook(name, name.split("#")[1])),
    proposals: openProposals(at.table, profile),
    records: openCuratorRecords(at.table, profile, now),
    lastTurnAt: openActivity(at.table, profile, now).lastTurnAt,
    referencedSkills: async () => new Set<string>(),
    model: async () => ({ name: "openai/scripted", model }),
    costs: openCosts(at.table, profile),
    files: {
      put: (path, body) => at.blobs.put(`curator/${profile}/${path}`, body),
      get: (path) => at.blobs.get(`curator/${profile}/${path}`),
    },
    notify: async (notice) => {
      if (!notices.some(({ id }) => id === notice.id)) notices.push(notice);
    },
    settings: { ...defaultCuratorSettings, ...settings },
    clock,
    log: silentLog,
  });
  const ports = again();
  return {
    ports,
    profile,
    ledger,
    notices,
    books,
    as,
    again,
    async learn(name, { daysAgo = 0, files = [], ...about } = {}) {
      shift -= daysAgo * dayMs;
      const main = { path: "SKILL.md", content: skillText(name, about) };
      const made = await as("curator").commit({ name, files: [main, ...files], version: 0, reason: "learnt" });
      shift += daysAgo * dayMs;
      if (!made.ok) throw new Error(JSON.stringify(made));
      // The lines of the fixture are none of the curator's doing.
      for (const entry of ledger.entries) if (entry.reason === "learnt") entry.actor = "review";
      return made.record;
    },
    commands(owner = "telegram::42", identity = "telegram:42") {
      const started: { isDry: boolean }[] = [];
      const place = { platform: "telegram", chat: "42", kind: "direct" as const };
      const start = async (event: { isDry: boolean }) => void started.push(event);
      return {
        ...ports,
        started,
        start,
        place,
        owner,
        identity,
        isOwner: (asking) => asking === "telegram:42",
        ledger,
        person: as("person"),
        undoNotebook: async () => "not here",
      };
    },
    later: (ms) => void (shift += ms),
  };
}

/** With lines dated by the curator's clock. */
function clockedLedger(now: () => number): MemoryLedger {
  const ledger = memoryLedger();
  const append: MemoryLedger["append"] = async (entry) => Object.assign(await ledger.append(entry), { at: now() });
  return { ...ledger, append };
}

function bookOf(books: Map<string, CuratedEntry[]>, name: string, owner: string | undefined): CuratedNotebook {
  return {
    name,
    ...(owner !== undefined && { owner }),
    read: async () => ({ entries: books.get(name) ?? [], version: 1 }),
    async write(texts) {
      const known = new Map((books.get(name) ?? []).map((entry) => [entry.text, entry]));
      const at = Date.now();
      books.set(
        name,
        texts.map((text) => known.get(text) ?? { text, createdAt: at, updatedAt: at, confirmedAt: at }),
      );
      return true;
    },
  };
}
