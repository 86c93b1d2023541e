/** Reviews for tests: real turns on the embedded cloud, real stores, the scripted model, and workers that die. */
import { systemClock } from "../../../core/base/clock.ts";
import type { Log, LogFields } from "../../../core/base/log.ts";
import type { LedgerEntry } from "../../../core/learning/ledger.ts";
import { defaultReviewSettings, type ReviewPorts } from "../../../core/learning/review/ports.ts";
import { openBlobs } from "../../../core/store/blobs.ts";
import { bodyCodec } from "../../../core/store/bodies.ts";
import { openCosts } from "../../../core/store/costs.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openLedger } from "../../../core/store/ledger.ts";
import { openNotebook } from "../../../core/store/notebooks.ts";
import { openReviews } from "../../../core/store/reviews.ts";
import { openSkillLibrary } from "../../../core/store/skills.ts";
import { openTable } from "../../../core/store/table.ts";
import { memory } from "../../../core/tools/memory.ts";
import { skillManage } from "../../../core/tools/skill-manage.ts";
import { skillView } from "../../../core/tools/skill-view.ts";
import { skillsList } from "../../../core/tools/skills-list.ts";
import { openChannels } from "../../../functions/compose/channels.ts";
import { readEnvironment } from "../../../functions/compose/environment.ts";
import { connectModel } from "../../../functions/compose/model.ts";
import type { SeenRequest } from "../../fakes/model-server.ts";
import type { TestAgent } from "../../support/agent.ts";
import { create, type filesOf, freshProfile } from "../skills/skill-bench.ts";

export interface ReviewBench {
  ports: ReviewPorts;
  /** What the ledger says, oldest first, as this owner may see it. */
  lines(owner: string): Promise<LedgerEntry[]>;
  /** The notes about this owner. */
  notes(owner: string): Promise<string[]>;
  /** Brings a skill as a deployment does. */
  ship(name: string, about?: Parameters<typeof filesOf>[1]): Promise<unknown>;
  /** Events of the log, in order. */
  logged: { event: string; fields: LogFields }[];
  /** The same in a worker that dies at its `at`-th call of anything outside, before the call or after it. */
  dying(at: number, when: "before" | "after"): { ports: ReviewPorts; died(): boolean };
}

/** What a worker calls; `wrap` may stand between. */
interface Outside {
  agent: TestAgent;
  profile: string;
  log: Log;
  settings: Partial<ReviewPorts["settings"]>;
  wrap: <Value>(value: Value) => Value;
}

const unwrapped: Outside["wrap"] = (value) => value;
const now = () => systemClock.now();

/** Reviews in a profile of their own, which has learnt nothing yet; the session that they read may be of any. */
export function reviewBench(agent: TestAgent, settings: Partial<ReviewPorts["settings"]> = {}): ReviewBench {
  const logged: ReviewBench["logged"] = [];
  const note = (event: string, fields: LogFields = {}) => void logged.push({ event, fields });
  const outside = { agent, profile: freshProfile(), settings, log: { info: note, warn: note, error: note } };
  const ports = portsOver({ ...outside, wrap: unwrapped });
  return {
    ports,
    logged,
    lines: async (owner) => (await ports.ledger("").list({ owner })).toReversed(),
    async notes(owner) {
      const { user } = ports.notebooks({ profile: "", owner, session: "", turn: 0 });
      return (await user.read()).entries.map(({ text }) => text);
    },
    ship: async (name, about) => {
      const { table, bucket } = readEnvironment();
      const library = openSkillLibrary({
        table: openTable(table, dynamoDbSdk()),
        blobs: openBlobs(bucket),
        ledger: openLedger(openTable(table, dynamoDbSdk()), outside.profile, now),
        profile: outside.profile,
        actor: "deployment",
        now,
      });
      return create(library, name, about);
    },
    dying(at, when) {
      const death = deathAt(at, when);
      return { ports: portsOver({ ...outside, wrap: death.wrap }), died: death.died };
    },
  };
}

function portsOver({ agent, profile, log, settings, wrap }: Outside): ReviewPorts {
  const environment = readEnvironment();
  const table = wrap(openTable(environment.table, dynamoDbSdk()));
  const blobs = wrap(openBlobs(environment.bucket));
  const ledger = openLedger(table, profile, now);
  const channels = openChannels(environment.settings, () => ({ put: async () => {}, after: async () => [] }));
  return {
    store: wrap(agent.store),
    reviews: openReviews(table, bodyCodec(blobs)),
    costs: () => openCosts(table, profile),
    ledger: () => ledger,
    notebooks({ owner, session, turn }) {
      const by = { profile, actor: "review" as const, session, turn };
      return {
        memory: openNotebook(table, { ...by, name: "memory" }, ledger, now),
        user: openNotebook(table, { ...by, name: `user#${owner}`, owner }, ledger, now),
      };
    },
    skills: ({ session, turn }, reads) =>
      openSkillLibrary({ table, blobs, ledger, profile, actor: "review", session, turn, now, reads }),
    model: () => connectModel(environment.settings),
    tools: [memory, skillsList, skillView, skillManage],
    async channel(place) {
      const { platform, outbound } = await channels(place);
      return { platform, outbound: wrap(outbound) };
    },
    noteTold: async () => {},
    clock: systemClock,
    log,
    settings: { ...defaultReviewSettings, ...settings },
  };
}

/** True for a request of a review: its rubric is the last thing that a "user" said. */
export const isReview = ({ messages }: SeenRequest): boolean => {
  const said = messages.findLast(({ role }) => role === "user");
  return said?.role === "user" && said.text.startsWith("[Review of this conversation.");
};

/** How often the model has answered in this review. */
export const iterationOf = ({ messages }: SeenRequest): number =>
  messages.slice(messages.findLastIndex(({ role }) => role === "user")).filter(({ role }) => role === "assistant")
    .length;

/** The results of the last calls, as the model reads them. */
export const lastResults = ({ messages }: SeenRequest): string[] =>
  messages
    .slice(messages.findLastIndex(({ role }) => role === "assistant") + 1)
    .flatMap((message) => (message.role === "tool" ? [message.content] : []));

export class Died extends Error {}

/** Calls of whatever is wrapped count; from the chosen one on, none comes through any more. */
function deathAt(at: number, when: "before" | "after") {
  let calls = 0;
  let isDead = false;
  const die = () => {
    isDead = true;
    return Promise.reject(new Died());
  };
  const wrap = <Value>(value: Value): Value => {
    if (typeof value !== "object" || value === null) return value;
    return new Proxy(value, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return wrap(member);
        return (...parameters: unknown[]): unknown => {
          calls += 1;
          if (isDead || (calls === at && when === "before")) return die();
          const isLast = calls === at;
          const result = Reflect.apply(member, target, parameters) as Promise<unknown>;
          return result.then((found) => (isLast || isDead ? die() : found));
        };
      },
    });
  };
  return { wrap, died: () => isDead };
}
