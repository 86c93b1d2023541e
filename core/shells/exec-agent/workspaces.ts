import { isKind, refused, retryable } from "../../base/errors.ts";
import type { RunOptions, RunResult, ShellBackend, ShellPorts, Workspace } from "../shell.ts";
import { isClosed, isUnreachable, openAgent, type AgentClient } from "./client.ts";
import type { Fleet, Place } from "./fleet.ts";
import type { Hello, SaveTarget } from "./protocol.ts";
import { archiveKey, newMachine, readRecord, writeRecord, type Machine, type Stored } from "./record.ts";

/** A machine that was greeted: somebody may have worked on it. */
interface Found extends Stored {
  machine: Machine;
  place: Place;
}

/** How often the record may turn out to have moved on under us. */
const maxRounds = 12;
/** How often an agent is called that does not answer although its machine runs: it may be about to listen. */
const maxCalls = 40;
const callEveryMs = 500;
/** As long as the credentials live that sign it at most; every `acquire` hands over a fresh one. */
const saveUrlSeconds = 6 * 3600;
const restoreUrlSeconds = 3600;
/** As long as the loss of a machine is told. */
const newsMs = 10 * 60_000;

/** Workspaces on machines that come and go: files are saved to an archive and restored from it, whatever happens. */
export function openWorkspaces(fleet: Fleet, { clock, log, records, archives }: ShellPorts): ShellBackend {
  const write = (workspace: string, stored: Stored) => writeRecord(records, workspace, stored);
  const clientOf = ({ machine, place }: Found) => openAgent(fleet.exchange(place, machine.token), clock);

  async function acquire(workspace: string): Promise<Workspace> {
    for (let round = 0; round < maxRounds; round += 1) {
      const found = await ensureMachine(validId(workspace));
      const hello = found && (await greet(workspace, found));
      if (!found || !hello) continue;
      if (hello.state === "ready") return open(workspace, found, hello);
      if (hello.state === "closed") await putAway(workspace, found);
    }
    throw retryable("The workspace could not be woken: it changes all the time.", { code: "shell.busy" });
  }

  /** The machine of the record, started if nobody has; `undefined` when the record has changed meanwhile. */
  async function ensureMachine(workspace: string): Promise<Found | undefined> {
    const stored = await readRecord(records, workspace);
    const { record, version } = stored;
    if (!record.machine) {
      await write(workspace, { version, record: { ...record, machine: newMachine() } });
      return undefined;
    }
    const { machine } = record;
    if (machine.place) return { ...stored, machine, place: machine.place };
    const place = await start(workspace, stored, machine);
    await write(workspace, { version, record: { ...record, machine: { ...machine, place } } });
    return undefined;
  }

  async function start(workspace: string, { record, version }: Stored, { id, token }: Machine): Promise<Place> {
    log.info("shell.starts", { workspace, machine: id });
    try {
      return await fleet.start(id, token);
    } catch (error) {
      // This id will never be a machine: the next one asks for another.
      if (isKind(error, "retryable") && error.code === "shell.start-failed")
        await write(workspace, { version, record: { ...record, machine: undefined } });
      throw error;
    }
  }

  /** Tells the agent what to restore and where to save. `undefined` when there is no machine any more. */
  async function greet(workspace: string, found: Found): Promise<Hello | undefined> {
    const { machine, place, record } = found;
    const urls =
      machine.greetedAt !== undefined ? [] : record.restore.map((key) => archives.readUrl(key, restoreUrlSeconds));
    const request = { restore: await Promise.all(urls), saveTo: await saveTarget(workspace, machine) };
    const client = clientOf(found);
    for (let call = 0; call < maxCalls; call += 1) {
      const hello = await reached(client.hello(request));
      if (hello) return noteGreeting(workspace, found, hello);
      const state = await fleet.state(place);
      if (state === "gone") return forget(workspace, found);
      if (state === "asleep") await fleet.wake?.(place);
      await clock.sleep(state === "leaving" ? 2_000 : callEveryMs);
    }
    throw retryable("The workspace's machine runs but does not answer.", { code: "shell.unreachable" });
  }

  /** From now on what this machine saves counts, before what it began from. */
  async function noteGreeting(workspace: string, found: Found, hello: Hello): Promise<Hello | undefined> {
    const { machine, record, version } = found;
    if (machine.greetedAt !== undefined) return hello;
    const began = hello.restored && record.restore[hello.restored.from];
    const greeted = { ...machine, greetedAt: clock.now() };
    await write(workspace, {
      version,
      record: { ...record, machine: greeted, restore: began === undefined ? [] : [began] },
    });
    // Whoever was faster wrote the same, or knows more: look again.
    return undefined;
  }

  async function forget(workspace: string, { machine, record, version }: Found): Promise<undefined> {
    log.warn("shell.lost", { workspace, machine: machine.id });
    const own = machine.greetedAt !== undefined ? [archiveKey(workspace, machine.id)] : [];
    const ended = machine.greetedAt !== undefined ? "lost" : record.ended;
    await write(workspace, { version, record: { restore: [...own, ...record.restore], ...(ended && { ended }) } });
  }

  /** Saves, ends the machine, and notes from where the next one begins. False when a script runs on it. */
  async function putAway(workspace: string, found: Found, ended?: "expired"): Promise<boolean> {
    const { machine, place } = found;
    const saveTo = await saveTarget(workspace, machine);
    if (!(await clientOf(found).save({ saveTo, close: true }))) return false;
    await fleet.end(place);
    const restore = [archiveKey(workspace, machine.id)];
    const { record, version } = await readRecord(records, workspace);
    if (record.machine?.id === machine.id)
      await write(workspace, { version, record: { restore, ...(ended && { ended }) } });
    return true;
  }

  async function hibernate(workspace: string): Promise<void> {
    const { record, version } = await readRecord(records, validId(workspace));
    const { machine } = record;
    // One that nobody has greeted ends by itself.
    if (!machine?.place || machine.greetedAt === undefined) return;
    const found: Found = { record, version, machine, place: machine.place };
    const state = await fleet.state(found.place);
    if (state === "asleep" || state === "leaving") return;
    if (state === "gone") return forget(workspace, found);
    if (!fleet.sleep) return void (await putAway(workspace, found));
    // Who comes back to it may start something that takes long.
    const lifetime = fleet.lifetime?.(found.place);
    if (lifetime && lifetime.endsAt - clock.now() < lifetime.longestMs / 2)
      return void (await putAway(workspace, found, "expired"));
    const saveTo = await saveTarget(workspace, machine);
    if (await clientOf(found).save({ saveTo, close: false })) await fleet.sleep(found.place);
  }

  async function renew(workspace: string): Promise<void> {
    const { record, version } = await readRecord(records, validId(workspace));
    const { machine } = record;
    if (machine?.place) await putAway(workspace, { record, version, machine, place: machine.place }, "expired");
  }

  async function saveTarget(workspace: string, { id }: Machine): Promise<SaveTarget> {
    const until = clock.now() + saveUrlSeconds * 1000;
    return { url: await archives.writeUrl(archiveKey(workspace, id), saveUrlSeconds), until };
  }

  function open(workspace: string, found: Found, hello: Hello): Workspace {
    const { ended } = found.record;
    // Told to everybody for a while: who looks after shells may come first, and is not the one who has to know.
    const isNews = clock.now() - (found.machine.greetedAt ?? 0) < newsMs;
    const notice = ended && isNews ? noticeOf(ended, hello) : undefined;
    const again = async (script: string, options: RunOptions) => (await acquire(workspace)).run(script, options);
    return {
      keepsProcesses: true,
      isIsolated: true,
      run: runOrElse(clientOf(found), again),
      ...(fleet.lifetime && { lifetime: fleet.lifetime(found.place) }),
      ...(notice !== undefined && { notice }),
    };
  }

  return { description: fleet.description, acquire, hibernate, ...(fleet.lifetime && { renew }) };
}

/** A machine that was put away since it was acquired has run nothing: then the next one does. */
const runOrElse =
  (client: AgentClient, again: Workspace["run"]): Workspace["run"] =>
  async (script, options): Promise<RunResult> => {
    try {
      return await client.run(script, options);
    } catch (error) {
      if (isClosed(error)) return again(script, options);
      throw error;
    }
  };

async function reached<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}

function noticeOf(ended: "lost" | "expired", { restored }: Hello): string {
  if (ended === "expired")
    return "The machine of this workspace had reached the end of its time and was replaced. Its home is as it was; running processes and /tmp are gone.";
  if (!restored)
    return "The machine of this workspace was lost before anything was saved: the home is empty, and no process is left.";
  return `The machine of this workspace was lost. Its home is as it was saved at ${restored.savedAt}: what changed after that is gone, and so are running processes and /tmp.`;
}

/** An id becomes a part of a key. */
function validId(workspace: string): string {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(workspace)) return workspace;
  throw refused("A workspace id consists of 1 to 128 letters, digits, hyphens and underscores.");
}
