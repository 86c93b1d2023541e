import type { SandboxState } from "@daytona/api-client";
import * as z from "zod";
import { refused, retryable } from "../../base/errors.ts";
import type { ShellPorts } from "../shell.ts";
import type { DaytonaAccount, DaytonaSandbox } from "./account.ts";
import { creationFailureOf, guarded, isStatus } from "./failures.ts";
import { hasNetwork } from "./network.ts";

export interface DaytonaHost {
  account: DaytonaAccount;
  ports: ShellPorts;
}

interface Awake {
  sandbox: DaytonaSandbox;
  notice?: string;
}

/** What we remember of a workspace between two functions; the rest Daytona knows. */
const daytonaRecord = z.object({ sandbox: z.string() });

const pollMs = 250;
/** Two minutes: a start takes seconds, one from the archive up to a minute. */
const maxPolls = 480;
/** Each attempt lost to another function that made the workspace's sandbox; two do not happen. */
const maxAttempts = 5;

/** The workspace's one sandbox, started; made when there is none. */
export function acquireSandbox(host: DaytonaHost, workspace: string): Promise<Awake> {
  return guarded(host.account.apiKey, async () => {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const record = await host.ports.records.read(workspace);
      const found = record === undefined ? undefined : await find(host, daytonaRecord.parse(record.value).sandbox);
      const awake = found === undefined ? undefined : await start(host, found);
      if (awake !== undefined) return { sandbox: await ruled(host, awake) };
      const made = await make(host, workspace, record?.version ?? 0);
      if (made !== undefined)
        return { sandbox: await ruled(host, made), ...(record === undefined ? {} : { notice: lost }) };
    }
    throw retryable("The workspace's sandbox is being exchanged: try again.", { code: "shell.busy" });
  });
}

/** The sandbox, once it may reach what it should and no more: it may have been made by another rule. */
async function ruled({ account, ports }: DaytonaHost, sandbox: DaytonaSandbox): Promise<DaytonaSandbox> {
  if (hasNetwork(sandbox, account.network)) return sandbox;
  await account.setNetwork(sandbox.id);
  ports.log.info("shell.network-changed", { shell: "daytona", sandbox: sandbox.id });
  const now = await account.get(sandbox.id);
  if (hasNetwork(now, account.network)) return now;
  // An older Daytona, say, that knows no list of names and takes none, without a word.
  throw refused("Daytona does not keep what TALARIA_SHELL_NETWORK says: its sandbox still has another rule.", {
    code: "shell.egress",
  });
}

const lost = "The sandbox of this workspace does not exist any more: its files are lost, this is a new one.";

/** Stops the sandbox: its disk stays, its processes end. */
export function hibernateSandbox({ account, ports }: DaytonaHost, workspace: string): Promise<void> {
  return guarded(account.apiKey, async () => {
    const record = await ports.records.read(workspace);
    if (record === undefined) return;
    const sandbox = await find({ account, ports }, daytonaRecord.parse(record.value).sandbox);
    if (sandbox?.state === "started") await account.stop(sandbox.id);
  });
}

async function find({ account }: DaytonaHost, id: string): Promise<DaytonaSandbox | undefined> {
  try {
    const sandbox = await account.get(id);
    return isDestroyed(sandbox.state) ? undefined : sandbox;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** A new sandbox; `undefined` when another function was faster, whose sandbox then is the workspace's one. */
async function make(host: DaytonaHost, workspace: string, version: number): Promise<DaytonaSandbox | undefined> {
  const { account, ports } = host;
  const sandbox = await account.create().catch((error: unknown) => {
    throw creationFailureOf(error, account.apiKey);
  });
  const isOurs = await ports.records
    .write(workspace, { sandbox: sandbox.id }, version)
    .catch(async (error: unknown) => {
      await remove(host, sandbox.id);
      throw error;
    });
  if (isOurs) return start(host, sandbox);
  await remove(host, sandbox.id);
  return undefined;
}

/** One that is left behind is stopped after a day without use, and costs its disk. */
async function remove({ account, ports }: DaytonaHost, id: string): Promise<void> {
  await account.remove(id).catch(() => ports.log.warn("shell.sandbox-not-deleted", { shell: "daytona", sandbox: id }));
}

const isDestroyed = (state: SandboxState | undefined): boolean => state === "destroyed" || state === "destroying";
const isAsleep = (state: SandboxState | undefined): boolean => ["stopped", "archived", "paused"].includes(state ?? "");
const isBroken = (state: SandboxState | undefined): boolean => state === "error" || state === "build_failed";

/** Follows the sandbox through its states until it is started; `undefined` when it was deleted meanwhile. */
async function start(host: DaytonaHost, sandbox: DaytonaSandbox): Promise<DaytonaSandbox | undefined> {
  let now: DaytonaSandbox | undefined = sandbox;
  for (let poll = 0; poll < maxPolls; poll += 1) {
    if (now === undefined || now.state === "started") return now;
    if (isBroken(now.state)) await recover(host, now);
    if (isAsleep(now.state)) await wake(host, now.id);
    await host.ports.clock.sleep(pollMs);
    now = await find(host, sandbox.id);
  }
  throw retryable(`Daytona's sandbox is still ${now?.state ?? "unknown"}: try again.`, { code: "shell.slow" });
}

async function wake({ account }: DaytonaHost, id: string): Promise<void> {
  try {
    await account.start(id);
  } catch (error) {
    // 409: somebody else starts it already, or its state changes this moment.
    if (!isStatus(error, 409)) throw error;
  }
}

async function recover({ account }: DaytonaHost, { id, recoverable, errorReason }: DaytonaSandbox): Promise<void> {
  if (recoverable !== true)
    throw refused(
      `Daytona's sandbox ${id} has failed: ${errorReason ?? "no reason given"}. Repair it, or delete it to start again without its files, in Daytona's dashboard.`,
      { code: "shell.refused" },
    );
  await account.recover(id);
}
