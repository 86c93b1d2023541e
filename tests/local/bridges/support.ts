/** What the tests of the bridges share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../../core/base/clock.ts";
import { startBridges } from "../../../local/bridges/bridges.ts";
import { startInstance, type Instance } from "../../../local/instance.ts";
import { resourceEnvironment } from "../../../stacks/manifest.ts";
import { startFakeServer, type FakeServer } from "../../fakes/platform-server.ts";
import { until } from "../../support/agent.ts";

export interface RunningInstance extends Instance {
  /** Stands before the instance, as its front, and fails on demand. */
  front: FakeServer;
}

/** A real instance with the practice model, in a data folder of its own. */
export async function startTestInstance(settings: Record<string, string>): Promise<RunningInstance> {
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-bridge-"));
  const overrides = { TALARIA_ALLOWED_USERS: "*", ...settings };
  const instance = await startInstance({ dataFolder, port: 0, overrides });
  const front = await startFakeServer({
    operationOf: (_method, path) => path,
    answer: async ({ method, path, headers, text }) => {
      const kept = Object.entries(headers).filter(([name]) => name === "content-type" || name.startsWith("x-"));
      const response = await fetch(instance.cloud.url + path, {
        method,
        headers: Object.fromEntries(kept),
        body: text,
      });
      return { status: response.status, body: await response.text() };
    },
  });
  return {
    ...instance,
    front,
    async close() {
      await front.close();
      await until("the end of all turns", () => isIdle(instance));
      await instance.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

async function isIdle({ cloud }: Instance): Promise<boolean> {
  const stateMachineArn = cloud.awsEnvironment[resourceEnvironment.turnMachine] ?? "";
  const running = await cloud.stepFunctions.listExecutions({ stateMachineArn, statusFilter: "RUNNING" });
  return running.executions.length === 0;
}

export interface Bridged {
  /** What the person was told. */
  lines: string[];
  /** The pauses that were made, in milliseconds; none of them took any time. */
  pausesMs: number[];
  close(): Promise<void>;
}

/** Starts the bridges of these settings; they end with the test. */
export function bridge(url: string, settings: Record<string, string>): Bridged {
  const lines: string[] = [];
  const pausesMs: number[] = [];
  const clock: Clock = {
    now: () => Date.now(),
    sleep: (ms) => {
      pausesMs.push(ms);
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
  const { close } = startBridges({ url, settings, clock, notify: (line) => void lines.push(line) });
  onTestFinished(close);
  return { lines, pausesMs, close };
}
