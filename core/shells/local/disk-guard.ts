import { refused } from "../../base/errors.ts";
import { endJobsScript } from "../jobs/scripts.ts";
import type { RunOptions, RunResult, Workspace } from "../shell.ts";
import { ballastIn } from "./ballast.ts";
import { endLeftovers, leftoversIn } from "./leftovers.ts";
import { msToReserve, type Room, roomOn, roomText, shareOfReserve } from "./room.ts";

interface GuardOptions {
  /** The folder that holds the workspaces. */
  workspaces: string;
  /** Opens a workspace without a guard, to write down what became of its jobs. */
  open(workspace: string): Promise<Workspace>;
}

/** Keeps scripts from filling the disk on which the agent has its own state. */
export interface DiskGuard {
  /** The same workspace, whose scripts are ended before they take the last of the room. */
  guarded(name: string): Promise<Workspace>;
  close(): void;
}

/** A script that runs, and how it is ended. */
interface Run {
  name: string;
  controller: AbortController;
}

/** Below this share of the reserve nothing is started at all. */
const leastShare = 1 / 8;
const [leastLookMs, mostLookMs] = [20, 1_000];
const betweenScansMs = 1_000;

/**
 * Looks at the free space while anything runs in a workspace, jobs that outlive their script included, the oftener the
 * less there is. When the reserve is touched, everything in every workspace is ended: who filled the disk cannot be told
 * cheaply, and the agent's own state is worth more than any script. Quotas would be better, and there are none that are
 * cheap and last: those of the file system need mount options and one of a few file systems, a loop device needs root and
 * a size for ever, tmpfs does not last, and RLIMIT_FSIZE is for one file.
 *
 * A script that begins below the reserve (to delete something) may take half of what is left.
 */
export function createDiskGuard({ workspaces, open }: GuardOptions): DiskGuard {
  const ballast = ballastIn(workspaces);
  const runs = new Set<Run>();
  const closing = new AbortController();
  /** Share of the reserve below which everything is ended. */
  let floor: number | undefined;
  let room: Room | undefined;
  let ending: Promise<void> | undefined;
  let isWatching = false;

  async function look(): Promise<Room> {
    const now = await roomOn(workspaces);
    room = now;
    const share = shareOfReserve(now);
    if (share >= 1) floor = 1;
    floor ??= share / 2;
    if (share < floor) await (ending ??= endAll().finally(() => (ending = undefined)));
    return now;
  }

  async function endAll(): Promise<void> {
    const names = new Set([...runs].map(({ name }) => name));
    for (const { controller } of runs) controller.abort();
    for (const name of await endLeftovers(workspaces)) names.add(name);
    await ballast.release();
    floor = shareOfReserve(await roomOn(workspaces)) / 2;
    await Promise.all([...names].map(writeDown));
  }

  /** What a full disk does not take is lost then: such a job is seen as lost. */
  async function writeDown(name: string): Promise<void> {
    const workspace = await open(name).catch(() => undefined);
    if (workspace?.keepsProcesses !== true) return;
    await workspace.run(endJobsScript(workspace.spool), { timeoutMs: 30_000 }).catch(() => {});
  }

  /** Until nothing runs any more. A look that fails (the folder is gone) ends it too; the next script begins another. */
  async function watch(): Promise<void> {
    try {
      let mayRun = true;
      let nextScanAt = Date.now() + betweenScansMs;
      while ((mayRun || runs.size > 0) && !closing.signal.aborted) {
        mayRun = true;
        await pause(lookInMs(await look()), closing.signal);
        if (runs.size > 0 || Date.now() < nextScanAt) continue;
        mayRun = (await leftoversIn(workspaces)).length > 0;
        nextScanAt = Date.now() + betweenScansMs;
      }
    } catch {
      // The scripts themselves say what is wrong with the folder.
    } finally {
      isWatching = false;
    }
  }

  function keepWatch(): void {
    if (isWatching) return;
    isWatching = true;
    void watch();
  }

  /** Throws where a script may not begin. */
  async function admit(): Promise<void> {
    await ending;
    const now = await look();
    const share = shareOfReserve(now);
    if (share < leastShare) throw refused(notStarted(workspaces, now), { code: "shell.disk-full" });
    if (share < 1) floor = Math.min(floor ?? 1, share / 2);
    else await ballast.take();
  }

  async function run(name: string, workspace: Workspace, script: string, options: RunOptions): Promise<RunResult> {
    await admit();
    const self: Run = { name, controller: new AbortController() };
    const { signal: own } = self.controller;
    const signal = options.signal === undefined ? own : AbortSignal.any([options.signal, own]);
    runs.add(self);
    keepWatch();
    try {
      const result = await workspace.run(script, { ...options, signal });
      // It may have come to its end, or to that of the disk, between two looks.
      await look();
      if (!own.aborted || !result.interrupted) return result;
      await ending;
      throw refused(ended(workspaces, await roomOn(workspaces)), { code: "shell.disk-full" });
    } finally {
      runs.delete(self);
    }
  }

  // Jobs that an earlier process of ours left running are watched too.
  keepWatch();
  return {
    async guarded(name) {
      await admit();
      const workspace = await open(name);
      return {
        ...workspace,
        get notice() {
          const low = room !== undefined && shareOfReserve(room) < 1 ? nearlyFull(room) : "";
          return [workspace.notice ?? "", low].join(" ").trim() || undefined;
        },
        run: (script, options) => run(name, workspace, script, options),
      };
    },
    close: () => closing.abort(),
  };
}

const lookInMs = (room: Room): number => Math.min(mostLookMs, Math.max(leastLookMs, msToReserve(room)));

/** Keeps no process alive: who waits for a script does that. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

const ended = (workspaces: string, room: Room) =>
  `The command was ended with all that ran beside it, because the disk of ${workspaces} is nearly full: ${roomText(room)}. ` +
  "Delete what is not needed in the workspace, or free some space on this machine, before you run it again.";

const notStarted = (workspaces: string, room: Room) =>
  `Nothing can be started, because the disk of ${workspaces} is full: ${roomText(room)}. ` +
  "Somebody has to free some space on this machine; what the workspaces hold is in that folder.";

const nearlyFull = (room: Room) =>
  `The disk is nearly full: ${roomText(room)}. A command may take half of what is left and is then ended. Delete what is not needed.`;
