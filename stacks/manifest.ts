/**
 * What Talaria consists of in a cloud, as pure data: deployment (stacks/) and the embedded cloud (local/) both build
 * from here, so that they cannot drift apart. Names are logical; each cloud adds its own prefix.
 */
import { turnMachine } from "../core/turn/machine.ts";

export interface TableSpec {
  /** Attribute names of the primary key; every key attribute is a string. */
  keys: { partition: string; sort: string };
  /** Shares the partition key and can be read consistently. */
  localIndexes: Record<string, { sort: string }>;
  globalIndexes: Record<string, { partition: string; sort: string }>;
  expiresAttribute: string;
}

export interface FunctionSpec {
  /** Module path from the repository's root; it exports `handler`. */
  module: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** Reached from the internet through a function URL. */
  url?: boolean;
}

export interface ScheduleSpec {
  /** An EventBridge Scheduler expression: rate(…), cron(…) or at(…). */
  expression: string;
  function: string;
  input: Record<string, unknown>;
}

/** By logical name: the ARNs of functions, the names of tables. */
export interface MachineResources {
  functions: Readonly<Record<string, string>>;
  tables: Readonly<Record<string, string>>;
}

export interface MachineSpec {
  /** The definition, given what this manifest's functions and tables became in a cloud. */
  definition(resources: MachineResources): object;
  /** A function that is told when an execution failed, timed out or was aborted (an EventBridge rule). */
  onFailure?: string;
}

export interface Manifest {
  tables: Record<string, TableSpec>;
  buckets: string[];
  functions: Record<string, FunctionSpec>;
  machines: Record<string, MachineSpec>;
  schedules: Record<string, ScheduleSpec>;
}

/** Objects that may be forgotten, by the prefix of their key. Bodies of steps and attachments never are. */
export const expiringObjects = [
  // A workspace that nobody opened for a quarter of a year begins empty again.
  { prefix: "snapshots/", afterDays: 90 },
  // Search segments that a newer one replaced; a reader may still hold one for as long as a Lambda lives.
  { prefix: "replaced-segments/", afterDays: 7 },
] as const;

/** Environment names by which every function finds its resources. */
export const resourceEnvironment = {
  table: "TALARIA_TABLE",
  bucket: "TALARIA_BUCKET",
  turnMachine: "TALARIA_TURN_MACHINE",
  shellUrl: "TALARIA_SHELL_URL",
  reviewFunction: "TALARIA_REVIEW_FUNCTION",
  curatorFunction: "TALARIA_CURATOR_FUNCTION",
} as const;

export const manifest = {
  tables: {
    state: {
      keys: { partition: "pk", sort: "sk" },
      localIndexes: { pending: { sort: "pendingAt" } },
      globalIndexes: { listing: { partition: "listing", sort: "listedAt" } },
      expiresAttribute: "expiresAt",
    },
  },
  buckets: ["bodies"],
  functions: {
    webhooks: { module: "functions/webhooks/handler.ts", memoryMb: 512, timeoutSeconds: 20, url: true },
    "agent-step": { module: "functions/agent-step/handler.ts", memoryMb: 512, timeoutSeconds: 900 },
    abandon: { module: "functions/abandon/handler.ts", memoryMb: 256, timeoutSeconds: 60 },
    schedule: { module: "functions/schedule/handler.ts", memoryMb: 256, timeoutSeconds: 60 },
    // Putting one machine to sleep may mean writing its snapshot; jobs ring at its URL.
    shell: { module: "functions/shell/handler.ts", memoryMb: 512, timeoutSeconds: 600, url: true },
    // Invoked asynchronously by a step that has delivered.
    review: { module: "functions/review/handler.ts", memoryMb: 512, timeoutSeconds: 900 },
    curator: { module: "functions/curator/handler.ts", memoryMb: 512, timeoutSeconds: 900 },
  },
  machines: {
    turn: {
      // A function that is missing leaves an empty name, which deployment refuses (turn-definition.ts).
      definition: ({ functions: { "agent-step": agentStep = "", abandon = "" }, tables: { state: table = "" } }) =>
        turnMachine({ agentStep, abandon, table }),
      onFailure: "schedule",
    },
  },
  schedules: {
    sweep: { expression: "rate(1 minute)", function: "schedule", input: { task: "sweep" } },
    shells: { expression: "rate(1 minute)", function: "shell", input: { task: "shells" } },
    // A run a week: its own gates say when. A look is one small read, and the more of them, the sooner one of them
    // finds that nobody is at work.
    curate: { expression: "rate(1 hour)", function: "curator", input: { task: "curate" } },
  },
} as const satisfies Manifest;
