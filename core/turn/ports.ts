import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Place } from "../conversation/place.ts";
import type { Outbound, Platform } from "../platforms/platform.ts";
import type { Model } from "../providers/provider.ts";
import type { Workspace } from "../shells/shell.ts";
import type { Lease } from "../store/leases.ts";
import type { Store } from "../store/store.ts";
import type { Notebook, Tool } from "../tools/tool.ts";

/** Starts the state machine for a lease; again is no harm: the execution is named after session and turn. */
export type StartTurn = (lease: Pick<Lease, "conversation" | "session" | "turn">) => Promise<void>;

/** A platform and its sending half. */
export interface Channel {
  platform: Platform;
  outbound: Outbound;
}

/** What the end of a turn needs: delivery and the conversation's queue. */
export interface DeliveryPorts {
  store: Store;
  clock: Clock;
  log: Log;
  startTurn: StartTurn;
  /** Throws a refused TalariaError when this platform is not set up. */
  channel(place: Place): Promise<Channel>;
}

/** What a step needs besides. */
export interface TurnPorts extends DeliveryPorts {
  /** The model and its full name, `provider/model`. */
  model(): Promise<{ name: string; model: Model }>;
  tools: readonly Tool[];
  /** Wakes the workspace of this owner. */
  workspace(profile: string, owner: string): Promise<Workspace>;
  notebooks(profile: string, owner: string): { memory: Notebook; user: Notebook };
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
  modelTimeoutMs: 300_000,
  stopPollMs: 1_500,
};
