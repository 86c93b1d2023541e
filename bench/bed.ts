import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startCloud, type Cloud } from "../local/cloud/index.ts";
import { machineArn } from "../local/cloud/names.ts";
import { manifest } from "../stacks/manifest.ts";
import { startOutside, type RemoteOutside } from "./outside/wire.ts";
import { agentSettings } from "./settings.ts";

/** What is measured: the embedded cloud with the agent in this process, all else in another. */
export interface Bed {
  cloud: Cloud;
  outside: RemoteOutside;
  /** Waits until no turn runs; the look itself is no AWS call. */
  rest(): Promise<void>;
  /** A person who has not talked yet. */
  newPerson(): number;
  close(): Promise<void>;
}

const lookEveryMs = 2;
/** Leaves room for the many people of one flood or burst. */
const peopleApart = 1_000_000;

export async function startBed(): Promise<Bed> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "talaria-bench-"));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const outside = await startOutside();
  resources.defer(() => outside.close());
  const cloud = await startCloud({
    manifest,
    dataFolder: folder,
    mode: "in-process",
    port: 0,
    environment: {
      ...agentSettings(await outside.addresses()),
      TALARIA_WORKSPACES: join(folder, "workspaces"),
      TALARIA_LOG_FILE: join(folder, "talaria.log"),
    },
  });
  resources.defer(() => cloud.close());
  let people = 0;

  async function rest(): Promise<void> {
    const query = { stateMachineArn: machineArn("turn"), statusFilter: "RUNNING", maxResults: 1 } as const;
    while ((await cloud.stepFunctions.listExecutions(query)).executions.length > 0) await sleep(lookEveryMs);
  }

  const running = resources.move();
  return {
    cloud,
    outside,
    rest,
    newPerson: () => (people += peopleApart),
    close: () => running.disposeAsync(),
  };
}

/** The conversation of a person on the outside's Telegram. */
export const conversationOf = (person: number): string => `main:telegram::direct:${person}::`;
