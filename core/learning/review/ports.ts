import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Place } from "../../conversation/place.ts";
import type { Outbound, Platform } from "../../platforms/platform.ts";
import type { Model } from "../../providers/provider.ts";
import type { SkillLibrary } from "../../skills/skill.ts";
import type { Costs } from "../../store/costs.ts";
import type { Reviews } from "../../store/reviews.ts";
import type { Sessions } from "../../store/sessions.ts";
import type { Steps } from "../../store/steps.ts";
import type { Turns } from "../../store/turns.ts";
import type { Notebook, Tool } from "../../tools/tool.ts";
import type { Ledger } from "../ledger.ts";

/** For whom, and from which turn, something is learnt: the provenance of every change. */
export interface Learner {
  profile: string;
  owner: string;
  session: string;
  turn: number;
}

export interface ReviewPorts {
  /** Read only: a review writes nothing of the conversation. */
  store: { sessions: Pick<Sessions, "get">; steps: Pick<Steps, "from">; turns: Pick<Turns, "get"> };
  reviews: Reviews;
  costs(profile: string): Costs;
  ledger(profile: string): Pick<Ledger, "list">;
  /** The notebooks as the actor "review" may change them. */
  notebooks(learner: Learner): { memory: Notebook; user: Notebook };
  /** The skills as the actor "review" may change them; what it reads is noted in `reads`. */
  skills(learner: Learner, reads: Set<string>): SkillLibrary;
  /** The model of the conversation, so that its cache is warm. */
  model(): Promise<{ name: string; model: Model }>;
  /** Those of `reviewTools` at least; all else in a session's list is refused. */
  tools: readonly Tool[];
  /** Throws a refused TalariaError when this platform is not set up. */
  channel(place: Place): Promise<{ platform: Platform; outbound: Outbound }>;
  /** This learner was told here what was learnt: where an owner is found later, should none have said. Must not fail. */
  noteTold(place: Place, learner: Learner): Promise<void>;
  clock: Clock;
  log: Log;
  settings: ReviewSettings;
}

export interface ReviewSettings {
  isOn: boolean;
  /** What the chat is told of what was learnt. */
  notice: "on" | "off" | "verbose";
  /** Tokens of all reviews of a profile in a month, read and written, cached ones included. */
  monthlyTokens: number;
  maxIterations: number;
  /** A model call that takes longer is given up and tried again. */
  modelTimeoutMs: number;
  /** No iteration begins later than this after the invocation did: it ends with what was learnt. */
  invocationMs: number;
}

export const defaultReviewSettings: ReviewSettings = {
  isOn: true,
  notice: "on",
  monthlyTokens: 20_000_000,
  maxIterations: 16,
  modelTimeoutMs: 120_000,
  invocationMs: 720_000,
};

/** All that a review may call. */
export const reviewTools: ReadonlySet<string> = new Set(["memory", "skills_list", "skill_view", "skill_manage"]);

/** The task under which reviews stand in the bill. */
export const reviewTask = "background_review";
