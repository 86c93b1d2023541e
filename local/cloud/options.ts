import type { Clock } from "../../core/base/clock.ts";
import type { Log } from "../../core/base/log.ts";
import type { Manifest } from "../../stacks/manifest.ts";
import type { Operations } from "../step-functions/index.ts";
import type { CounterSnapshot } from "./counters.ts";
import type { Route } from "./front.ts";
import type { InvokeResult } from "./lambda-runtime.ts";

export interface CloudOptions {
  manifest: Manifest;
  /** Everything that survives a restart is in here. Only one cloud at a time can have it. */
  dataFolder: string;
  /** Settings for the functions, beside those of the cloud itself (`awsEnvironment`). */
  environment: Record<string, string>;
  /**
   * `in-process`: handlers are imported into this process, whose environment is set for them. `strict`: every function
   * runs in threads of its own with an environment of its own, as in Lambda.
   */
  mode: "in-process" | "strict";
  /** Of the front; 0 takes a free one. */
  port: number;
  /** More that the front answers, beside the functions with a URL. */
  routes?: Route[];
  /** The folder from which the manifest's module paths count; this repository when absent. */
  root?: string;
  /**
   * Whether a function's role allows a call (`dynamodb:PutItem`), in `strict` alone, where the cloud knows who calls;
   * what it does not allow is refused as AWS does. Absent: everything is allowed.
   */
  mayCall?: (name: string, action: string) => boolean;
  /** Options of Node for the threads of `strict`, for example to preload a hook. */
  workerExecArgv?: string[];
  /** Invocations at once: over all functions in-process, of one function in `strict`. */
  maxConcurrent?: number;
  /** Invocations of one function that may wait for an instance in `strict`. */
  maxWaiting?: number;
  clock?: Clock;
  log?: Log;
  /** Tells whoever sits at the machine what cannot wait in the log. */
  notify?: (line: string) => void;
}

export interface Cloud {
  /** Of the front, without a slash at the end. A function with a URL answers below `/<its name>/`. */
  url: string;
  /** Settings with which SDK clients find the cloud. */
  awsEnvironment: Record<string, string>;
  counters: { snapshot(): CounterSnapshot };
  /** The operations of Step Functions without HTTP; they are not counted. */
  stepFunctions: Operations;
  /** Runs a function and waits for it. */
  invoke(name: string, event: unknown): Promise<InvokeResult>;
  /** Lets go of everything; work in hand is left for the next start. */
  close(): Promise<void>;
}
