import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Place } from "../conversation/place.ts";
import type { Button, Outbound, Platform } from "../platforms/platform.ts";
import type { Model } from "../providers/provider.ts";
import type { Ledger } from "../learning/ledger.ts";
import type { StartReview } from "../learning/review/event.ts";
import type { FetchPage } from "../learning/source.ts";
import type { Learner } from "../learning/review/ports.ts";
import type { SearchFor, SessionSearch } from "../search/search.ts";
import type { Workspace } from "../shells/shell.ts";
import type { SkillStore } from "../skills/library.ts";
import type { Lease } from "../store/leases.ts";
import type { AllowedAbout, AllowedRules } from "../store/permissions.ts";
import type { Store } from "../store/store.ts";
import type { Doorstep } from "../store/doorbells.ts";
import type { Doorbells, Notebook, Permissions, Tool } from "../tools/tool.ts";

/** Starts the state machine for a lease; again is no harm: the execution is named after session and turn. */
export type StartTurn = (lease: Pick<Lease, "conversation" | "session" | "turn">) => Promise<void>;

/** Answers the task token of a parked turn; a token that is used up or out of time is no error. */
export type WakeTurn = (taskToken: string) => Promise<void>;

/** A platform and its sending half. */
export interface Channel {
  platform: Platform;
  outbound: Outbound;
}

/** What the end of a turn needs: delivery, the conversation's queue, and who learns from it. */
export interface DeliveryPorts {
  store: Store;
  clock: Clock;
  log: Log;
  startTurn: StartTurn;
  wakeTurn: WakeTurn;
  /** Hands a delivered turn over to functions/review. */
  startReview: StartReview;
  /** Throws a refused TalariaError when this platform is not set up. */
  channel(place: Place): Promise<Channel>;
}

/** Commands about what was learnt; `proposal` is the press of a proposal's button, with its payload. */
export type LearningCommand = "memory" | "skills" | "curator" | "journey" | "sessions" | "proposal";

/** Whose session it is asked in, where, and by whom: in a group the two differ. */
export interface Asking extends Learner {
  conversation: string;
  place: Place;
  /** `platform:user id` of who said or pressed it. */
  identity: string;
}

/** Answers such a command with Markdown, and with buttons where one press decides. */
export type AnswerLearning = (
  command: LearningCommand,
  args: string,
  about: Asking,
) => Promise<{ text: string; buttons?: readonly Button[] }>;

/** What a step needs besides. */
export interface TurnPorts extends DeliveryPorts {
  /** The model and its full name, `provider/model`. */
  model(): Promise<{ name: string; model: Model }>;
  tools: readonly Tool[];
  /** Wakes the workspace of this owner on a machine that lasts so long (in milliseconds), where that ends no job. */
  workspace(profile: string, owner: string, forMs?: number): Promise<Workspace>;
  /** Names of the variables that commands find in their environment. */
  passed: readonly string[];
  /** What its machines are, for the model. */
  shell(): Promise<string>;
  /** The skills of a profile, as the agent may change them in this session; its changes carry the provenance. */
  skills(about: Learner): SkillStore;
  /** What the owner said in other sessions than this one and its lineage. */
  search(about: SearchFor): SessionSearch;
  ledger(profile: string): Ledger;
  /** What an external memory recalls for a message, fenced; "" where there is none. Must not fail, nor take long. */
  recall(message: string, about: Learner): Promise<string>;
  answerLearning: AnswerLearning;
  /** Whether this `platform:user id` decides what everybody shares. */
  isOwner(identity: string): boolean;
  /** For `/learn <address>`. */
  fetchPage: FetchPage;
  /** Doors that jobs of this conversation ring at. */
  doorbells(about: Doorstep): Doorbells;
  permissions(about: AllowedAbout): Permissions;
  /** What persons have allowed for longer than once. */
  allowed: AllowedRules;
  /** The notebooks, as the agent may change them in this session. */
  notebooks(about: Learner): { memory: Notebook; user: Notebook };
  soul(profile: string): Promise<string>;
  settings: TurnSettings;
}

export interface TurnSettings {
  /** Steps of one turn before it is asked to close. */
  maxSteps: number;
  /** One invocation takes further steps until this much time has gone. */
  packingMs: number;
  /**
   * When the model answered later than this after the invocation began, its tool calls run in the next one: a command
   * may take ten minutes, and a Lambda has fifteen.
   */
  toolsBeginWithinMs: number;
  /** Tools that are still running after this are stopped, so that their results are saved before the Lambda ends. */
  invocationMs: number;
  /** How long a call may keep its step; what takes longer waits without one. */
  patienceMs: number;
  /** A model call that takes longer is given up and tried again. */
  modelTimeoutMs: number;
  /** How often a running model call or tool looks whether the person said stop. */
  stopPollMs: number;
}

export const defaultTurnSettings: TurnSettings = {
  maxSteps: 500,
  packingMs: 60_000,
  toolsBeginWithinMs: 240_000,
  invocationMs: 860_000,
  patienceMs: 20_000,
  modelTimeoutMs: 300_000,
  stopPollMs: 1_500,
};
