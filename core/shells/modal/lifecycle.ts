import type { Sandbox } from "modal";
import { retryable } from "../../base/errors.ts";
import type { ShellPorts } from "../shell.ts";
import type { ModalAccount } from "./account.ts";
import { guarded, isBadImage, isGone } from "./failures.ts";
import { type ModalRecord, modalRecord, type Snapshot } from "./record.ts";

export interface ModalHost {
  account: ModalAccount;
  ports: ShellPorts;
}

interface Awake {
  sandbox: Sandbox;
  startedAt: number;
  notice?: string;
}

interface Read {
  record: ModalRecord | undefined;
  version: number;
}

/** Each attempt lost to another function that woke the same workspace; two do not happen. */
const maxAttempts = 5;
const snapshotTimeoutMs = 120_000;

/** The workspace's one sandbox: the one that runs, else a new one with the files of the last snapshot. */
export function acquireSandbox(host: ModalHost, workspace: string): Promise<Awake> {
  return guarded(host.account.secrets, async () => {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const { record, version } = await read(host, workspace);
      const running = record?.status === "awake" ? await runningSandbox(host, record.sandbox) : undefined;
      if (record?.status !== "awake" || running === undefined) {
        const awake = await wake(host, workspace, { record, version });
        if (awake !== undefined) return awake;
      } else if (record.network === host.account.network) return { sandbox: running, startedAt: record.startedAt };
      // It reaches more than it should, or less.
      else await hibernateSandbox(host, workspace);
    }
    throw retryable("The workspace's sandbox is being exchanged: try again.", { code: "shell.busy" });
  });
}

/**
 * Saves the files as a snapshot, then ends the sandbox. Nothing is lost wherever this breaks off: the sandbox ends only
 * after the snapshot is on record, and the record names it until it has ended.
 */
export function hibernateSandbox(host: ModalHost, workspace: string): Promise<void> {
  return guarded(host.account.secrets, async () => {
    const { record, version } = await read(host, workspace);
    if (record?.status === "asleep" && record.retiring !== null) await retire(host, workspace, record.retiring);
    if (record?.status !== "awake") return;
    const sandbox = await runningSandbox(host, record.sandbox);
    // It died by itself: the next acquire says what that cost.
    if (sandbox === undefined) return;
    const takenAt = host.ports.clock.now();
    // For good: by default Modal deletes it after 30 days.
    const { imageId } = await sandbox.snapshotFilesystem({ ttlMs: null, timeoutMs: snapshotTimeoutMs });
    const asleep: ModalRecord = { status: "asleep", snapshot: { image: imageId, takenAt }, retiring: record.sandbox };
    if (!(await host.ports.records.write(workspace, asleep, version))) return deleteImage(host, imageId);
    // The snapshot before this one stays: a snapshot is the difference from what its sandbox was made of, and Modal does
    // not promise that it outlives that (modal.com/docs/guide/sandbox-snapshots).
    await retire(host, workspace, record.sandbox);
  });
}

async function read({ ports }: ModalHost, workspace: string): Promise<Read> {
  const found = await ports.records.read(workspace);
  if (found === undefined) return { record: undefined, version: 0 };
  return { record: modalRecord.parse(found.value), version: found.version };
}

async function runningSandbox({ account }: ModalHost, id: string): Promise<Sandbox | undefined> {
  const sandbox = await account.sandbox(id);
  const isRunning = await sandbox.poll().then(
    (exitCode) => exitCode === null,
    (error: unknown) => {
      if (isGone(error)) return false;
      throw error;
    },
  );
  if (!isRunning) account.forget(id);
  return isRunning ? sandbox : undefined;
}

/** A new sandbox; `undefined` when another function was faster, whose sandbox then is the workspace's one. */
async function wake(host: ModalHost, workspace: string, { record, version }: Read): Promise<Awake | undefined> {
  const { ports } = host;
  const { sandbox, snapshot } = await boot(host, record?.snapshot ?? null);
  const awake: ModalRecord = {
    status: "awake",
    sandbox: sandbox.sandboxId,
    startedAt: ports.clock.now(),
    network: host.account.network,
    snapshot,
  };
  const isOurs = await ports.records.write(workspace, awake, version).catch(async (error: unknown) => {
    await abandon(host, sandbox.sandboxId);
    throw error;
  });
  if (!isOurs) {
    await abandon(host, sandbox.sandboxId);
    return undefined;
  }
  if (record?.status === "asleep" && record.retiring !== null) await abandon(host, record.retiring);
  const notice = noticeOf(record, snapshot);
  ports.log.info("shell.woken", { shell: "modal", workspace, snapshot: snapshot !== null, lost: notice !== undefined });
  return { sandbox, startedAt: awake.startedAt, ...(notice === undefined ? {} : { notice }) };
}

/** From the snapshot where that is possible, else with the files of the configured image. */
async function boot({ account, ports }: ModalHost, snapshot: Snapshot | null) {
  if (snapshot !== null) {
    try {
      return { sandbox: await account.create(await account.client.images.fromId(snapshot.image)), snapshot };
    } catch (error) {
      if (!isBadImage(error)) throw error;
      ports.log.warn("shell.snapshot-bad", { shell: "modal", image: snapshot.image });
    }
  }
  return { sandbox: await account.create(), snapshot: null };
}

/** What of the person's files is not there any more. */
function noticeOf(before: ModalRecord | undefined, restored: Snapshot | null): string | undefined {
  if (before === undefined) return undefined;
  const when = (snapshot: Snapshot) => new Date(snapshot.takenAt).toISOString();
  if (before.snapshot !== null && restored === null)
    return `The snapshot of ${when(before.snapshot)} could not be restored: this workspace starts again without the files it had.`;
  if (before.status === "asleep") return undefined;
  if (restored === null)
    return "The sandbox ended unexpectedly before its first snapshot: the files of this workspace are lost.";
  return `The sandbox ended unexpectedly. The files are those of ${when(restored)}: what was changed since then is lost.`;
}

/** Ends the sandbox that was put to sleep, and then forgets it. */
async function retire(host: ModalHost, workspace: string, sandbox: string): Promise<void> {
  await terminate(host.account, sandbox);
  const { record, version } = await read(host, workspace);
  if (record?.status !== "asleep" || record.retiring !== sandbox) return;
  // Lost to somebody who woke it: that one ends the sandbox too.
  await host.ports.records.write(workspace, { ...record, retiring: null }, version);
}

async function terminate(account: ModalAccount, id: string): Promise<void> {
  try {
    await (await account.sandbox(id)).terminate();
  } catch (error) {
    if (!isGone(error)) throw error;
  } finally {
    account.forget(id);
  }
}

/** Ends a sandbox that nobody needs; should that fail, its day is over at some time. */
async function abandon({ account, ports }: ModalHost, sandbox: string): Promise<void> {
  await terminate(account, sandbox).catch(() => ports.log.warn("shell.sandbox-not-ended", { shell: "modal", sandbox }));
}

/** Of a snapshot that nobody will wake from. When this fails it costs a little storage. */
async function deleteImage({ account, ports }: ModalHost, image: string): Promise<void> {
  await account.client.images
    .delete(image)
    .catch(() => ports.log.warn("shell.snapshot-not-deleted", { shell: "modal", image }));
}
