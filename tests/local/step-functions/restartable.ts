import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { StepFunctionsOptions } from "../../../local/step-functions/index.ts";
import { boot, until, type Booted, type Functions } from "./support.ts";
import { turnedClock, type TurnedClock } from "./turned-clock.ts";

/** Per test: a folder, a clock, and an engine over both that may be started again. */
export interface Restartable {
  folder: string;
  clock: TurnedClock;
  /** The engine of the latest start. */
  booted: Booted;
  /** Starts an engine; the one before is closed where it is. */
  start(functions?: Functions, options?: StepFunctionsOptions): Promise<void>;
  /** Resolves when somebody sleeps for exactly this long. */
  asleep(ms: number): Promise<unknown>;
}

export function restartable(): Restartable {
  let booted: Booted | undefined;
  const state = {
    folder: "",
    clock: turnedClock(),
    get booted(): Booted {
      if (!booted) throw new Error("Nothing has been started.");
      return booted;
    },
    start: async (functions: Functions = {}, options: StepFunctionsOptions = {}) => {
      await booted?.close();
      booted = await boot({ folder: state.folder, clock: state.clock, functions, ...options });
    },
    asleep: (ms: number) => until(() => state.clock.sleeping().includes(ms) || undefined),
  };
  beforeEach(() => {
    state.folder = mkdtempSync(join(tmpdir(), "restart-"));
    state.clock = turnedClock();
  });
  afterEach(async () => {
    await booted?.close();
    booted = undefined;
    rmSync(state.folder, { recursive: true, force: true });
  });
  return state;
}
