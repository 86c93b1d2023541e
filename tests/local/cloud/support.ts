/** What the tests of the embedded cloud share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../../core/base/clock.ts";
import { startCloud, type Cloud, type CloudOptions } from "../../../local/cloud/index.ts";
import { functionsFolder } from "./paths.ts";
import type { FunctionSpec, Manifest } from "../../../stacks/manifest.ts";

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "talaria-cloud-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const functionSpec = (module: string, more: Partial<FunctionSpec> = {}): FunctionSpec => ({
  module: `${module}.ts`,
  memoryMb: 256,
  timeoutSeconds: 10,
  ...more,
});

export const emptyManifest: Manifest = { tables: {}, buckets: [], functions: {}, machines: {}, schedules: {} };

/** A cloud of its own for one test; it ends with the test. */
export async function cloudFor(manifest: Partial<Manifest>, options: Partial<CloudOptions> = {}): Promise<Cloud> {
  const cloud = await startCloud({
    manifest: { ...emptyManifest, ...manifest },
    dataFolder: options.dataFolder ?? temporaryFolder(),
    environment: {},
    mode: "in-process",
    port: 0,
    root: functionsFolder,
    ...options,
  });
  onTestFinished(() => cloud.close());
  return cloud;
}

/** Settings for an SDK client of one service; nothing is retried, so a test sees the first answer. */
export const clientSettings = (
  { awsEnvironment }: Pick<Cloud, "awsEnvironment">,
  service: "DYNAMODB" | "S3" | "SFN" | "LAMBDA" | "SCHEDULER",
) => ({
  endpoint: awsEnvironment[`AWS_ENDPOINT_URL_${service}`] ?? "",
  region: awsEnvironment["AWS_REGION"] ?? "",
  credentials: {
    accessKeyId: awsEnvironment["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: awsEnvironment["AWS_SECRET_ACCESS_KEY"] ?? "",
  },
  maxAttempts: 1,
});

/** Waits for something to become true, and fails with its name when it does not. */
export async function eventually<Result>(name: string, check: () => Result | Promise<Result>): Promise<Result> {
  const deadlineMs = Date.now() + 10_000;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (Date.now() > deadlineMs) throw new Error(`did not happen in time: ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Time that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves to a time, waking sleepers in the order of their times and letting each act before the next. */
  moveTo(ms: number): Promise<void>;
}

export function manualClock(startMs: number): ManualClock {
  let now = startMs;
  const sleepers = new Set<{ atMs: number; wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          resolve();
        };
        const sleeper = { atMs: now + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", wake, { once: true });
      }),
    async moveTo(ms) {
      for (;;) {
        // Whoever woke last must have had the time to go to sleep again.
        await new Promise((resolve) => setImmediate(resolve));
        const next = [...sleepers].filter((each) => each.atMs <= ms).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        now = Math.max(now, next.atMs);
        next.wake();
      }
      now = ms;
    },
  };
}
