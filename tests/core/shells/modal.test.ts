import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { Status } from "nice-grpc";
import { modal } from "../../../core/shells/modal/modal.ts";
import type { ShellPorts, Workspace } from "../../../core/shells/shell.ts";
import { lifetimeCases } from "../../contracts/shell-lifetimes.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { startModal } from "../../fakes/modal-server.ts";
import { missingForBoxes } from "../../fakes/sandbox-box.ts";
import { memoryRecords, shellPorts } from "../../support/shell-ports.ts";

const missing = missingForBoxes();
if (missing !== undefined) console.log(`skipped: modal, since ${missing}`);

const server = await startModal();
afterAll(() => server.close());
const settings = {
  MODAL_TOKEN_ID: server.token.id,
  MODAL_TOKEN_SECRET: server.token.secret,
  MODAL_SERVER_URL: server.url,
};
const connect = (ports: Partial<ShellPorts> = {}, changes: Record<string, string> = {}) =>
  modal.connect({ ...settings, ...changes }, shellPorts(ports));
const timeoutMs = 15_000;
const output = async (workspace: Workspace, script: string) => (await workspace.run(script, { timeoutMs })).output;
const running = () => [...server.sandboxes].filter(([, { isRunning }]) => isRunning).map(([id]) => id);
const newest = () => [...server.sandboxes.keys()].at(-1) ?? "";
/** Sandboxes that run now and did not before. */
const startedSince = (before: string[]) => running().filter((id) => !before.includes(id));

describe.skipIf(missing !== undefined)("modal", () => {
  shellSuite("modal", () => connect());

  describe("a workspace in modal", () => {
    it("sleeps as a snapshot and wakes with its files in a new sandbox", async () => {
      const backend = await connect();
      await output(await backend.acquire("sleeper"), "echo dream > kept; echo tool > /tmp/tool");
      const before = newest();
      await backend.hibernate?.("sleeper");
      expect(server.sandboxes.get(before)?.isRunning).toBe(false);
      const again = await backend.acquire("sleeper");
      expect(newest()).not.toBe(before);
      expect(again.notice).toBeUndefined();
      expect(await output(again, "cat kept /tmp/tool")).toBe("dream\ntool\n");
    });

    it("is found again by another process", async () => {
      const records = memoryRecords();
      await output(await (await connect({ records })).acquire("moved"), "echo here > kept");
      const sandboxes = server.sandboxes.size;
      expect(await output(await (await connect({ records })).acquire("moved"), "cat kept")).toBe("here\n");
      expect(server.sandboxes.size).toBe(sandboxes);
    });

    it("wakes from its last snapshot, and deletes none that a later one may be built on", async () => {
      const backend = await connect();
      const snapshots = server.snapshots.size;
      for (const content of ["one", "two", "three"]) {
        await output(await backend.acquire("tidy"), `echo ${content} >> kept`);
        await backend.hibernate?.("tidy");
      }
      expect(server.snapshots.size).toBe(snapshots + 3);
      expect(await output(await backend.acquire("tidy"), "cat kept")).toBe("one\ntwo\nthree\n");
    });

    it("does nothing to put a sleeping workspace to sleep", async () => {
      const backend = await connect();
      await backend.acquire("asleep");
      await backend.hibernate?.("asleep");
      const calls = server.calls.length;
      await backend.hibernate?.("asleep");
      await backend.hibernate?.("never-woken");
      expect(server.calls).toHaveLength(calls);
    });

    it("says so and starts anew when its snapshot is gone", async () => {
      const backend = await connect();
      await output(await backend.acquire("unlucky"), "echo precious > kept");
      await backend.hibernate?.("unlucky");
      server.snapshots.clear();
      const anew = await backend.acquire("unlucky");
      expect(anew.notice).toMatch(/snapshot of 20.* could not be restored/);
      expect(await output(anew, "ls")).toBe("");
      expect((await backend.acquire("unlucky")).notice).toBeUndefined();
    });

    it("keeps its snapshot when Modal cannot be reached for a while", async () => {
      const records = memoryRecords();
      const backend = await connect({ records });
      await output(await backend.acquire("patient"), "echo precious > kept");
      await backend.hibernate?.("patient");
      server.failures.set("imageFromId", {
        status: Status.RESOURCE_EXHAUSTED,
        message: "too many calls",
        how: "before",
      });
      await expect(backend.acquire("patient")).rejects.toMatchObject({ kind: "retryable" });
      expect(await output(await backend.acquire("patient"), "cat kept")).toBe("precious\n");
    });

    it("has the files of the last snapshot when its sandbox died, and says since when files are lost", async () => {
      const backend = await connect();
      await output(await backend.acquire("victim"), "echo old > kept");
      await backend.hibernate?.("victim");
      await output(await backend.acquire("victim"), "echo new > kept");
      server.lose(newest());
      const restored = await backend.acquire("victim");
      expect(restored.notice).toMatch(/ended unexpectedly.*files are those of 20.*lost/s);
      expect(await output(restored, "cat kept")).toBe("old\n");
    });

    it("says that all is lost when its sandbox died before the first snapshot", async () => {
      const backend = await connect();
      await output(await backend.acquire("early"), "echo new > kept");
      server.lose(newest());
      const anew = await backend.acquire("early");
      expect(anew.notice).toMatch(/files of this workspace are lost/);
      expect(await output(anew, "ls")).toBe("");
    });

    it("reports a sandbox that dies under a command as retryable, and is there again afterwards", async () => {
      const backend = await connect();
      const workspace = await backend.acquire("mortal");
      server.lose(newest());
      await expect(workspace.run("echo never", { timeoutMs })).rejects.toMatchObject({ kind: "retryable" });
      expect(await output(await backend.acquire("mortal"), "echo again")).toBe("again\n");
    });

    it("has one sandbox when two functions wake it at once", async () => {
      const records = memoryRecords();
      const before = running();
      const backends = await Promise.all([connect({ records }), connect({ records }), connect({ records })]);
      const workspaces = await Promise.all(backends.map((backend) => backend.acquire("shared")));
      expect(startedSince(before)).toHaveLength(1);
      await output(workspaces[0] ?? expect.fail(), "echo one > kept");
      for (const workspace of workspaces) expect(await output(workspace, "cat kept")).toBe("one\n");
    });

    lifetimeCases({ connect: (clock) => connect({ clock }), lifeMs: 24 * 3600_000, newest });

    it("has the network unless it is cut off", async () => {
      const interfaces = "grep -c : /proc/self/net/dev";
      const open = await (await connect()).acquire("online");
      const cut = await (await connect({}, { TALARIA_SHELL_NETWORK: "0" })).acquire("offline");
      expect(Number(await output(open, interfaces))).toBeGreaterThan(1);
      expect(await output(cut, interfaces)).toBe("1\n");
      expect([open.isIsolated, cut.isIsolated]).toEqual([true, true]);
    });

    it("may reach what the list names, and says so", async () => {
      const backend = await connect({}, { TALARIA_SHELL_NETWORK: "pypi.org, *.npmjs.org, 10.1.0.0/16" });
      await backend.acquire("listed");
      expect(server.sandboxes.get(newest())?.network).toEqual({
        networkAccessType: 3,
        allowedCidrs: ["10.1.0.0/16"],
        allowedDomains: ["pypi.org", "*.npmjs.org"],
      });
      expect(backend.description).toContain("only this may be reached: pypi.org, *.npmjs.org, 10.1.0.0/16");
    });

    it("may reach nothing but ranges where only those are listed", async () => {
      await (await connect({}, { TALARIA_SHELL_NETWORK: "10.1.0.0/16" })).acquire("ranges");
      expect(server.sandboxes.get(newest())?.network).toMatchObject({ networkAccessType: 3, allowedDomains: [] });
    });

    it("is exchanged for a new sandbox, with its files, when the rule has changed", async () => {
      const records = memoryRecords();
      await output(await (await connect({ records })).acquire("narrowed"), "echo mine > kept");
      const wide = newest();
      const narrow = await connect({ records }, { TALARIA_SHELL_NETWORK: "pypi.org" });
      expect(await output(await narrow.acquire("narrowed"), "cat kept")).toBe("mine\n");
      expect(server.sandboxes.get(wide)?.isRunning).toBe(false);
      const sandboxes = server.sandboxes.size;
      await narrow.acquire("narrowed");
      expect(server.sandboxes.size).toBe(sandboxes);
    });
  });

  describe("a crash while a workspace is put to sleep", () => {
    it("loses nothing when the sandbox could not be ended, and the next one to wake it ends it", async () => {
      const backend = await connect();
      await output(await backend.acquire("half"), "echo safe > kept");
      const before = newest();
      server.failures.set("sandboxTerminateV2", { status: Status.RESOURCE_EXHAUSTED, message: "cut", how: "before" });
      await expect(backend.hibernate?.("half")).rejects.toMatchObject({ kind: "retryable" });
      expect(server.sandboxes.get(before)?.isRunning).toBe(true);
      const again = await backend.acquire("half");
      expect(again.notice).toBeUndefined();
      expect(await output(again, "cat kept")).toBe("safe\n");
      expect(server.sandboxes.get(before)?.isRunning).toBe(false);
    });

    it("leaves the sandbox as it is when the snapshot failed", async () => {
      const backend = await connect();
      const workspace = await backend.acquire("unsaved");
      server.failures.set("taskSnapshotFilesystem", {
        status: Status.RESOURCE_EXHAUSTED,
        message: "full",
        how: "before",
      });
      await expect(backend.hibernate?.("unsaved")).rejects.toMatchObject({ kind: "retryable" });
      expect(await output(workspace, "echo alive")).toBe("alive\n");
    });

    it("does not end a sandbox whose snapshot is not on record", async () => {
      const records = memoryRecords();
      const backend = await connect({ records });
      const workspace = await backend.acquire("unwritten");
      const snapshots = server.snapshots.size;
      const losing = await connect({ records: { read: records.read, write: async () => false } });
      await losing.hibernate?.("unwritten");
      expect(await output(workspace, "echo alive")).toBe("alive\n");
      expect(server.snapshots.size).toBe(snapshots);
    });
  });

  describe("Modal's token", () => {
    it.each(["MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"])("is asked for by name when %s is missing", async (name) => {
      await expect(connect({}, { [name]: "" })).rejects.toMatchObject({
        kind: "refused",
        message: expect.stringContaining(name),
      });
    });

    it("is refused when it is wrong, and never quoted", async () => {
      const backend = await connect({}, { MODAL_TOKEN_SECRET: "as-wrong-secret" });
      const error = await backend.acquire("any").catch((reason: unknown) => reason);
      expect(error).toMatchObject({ kind: "refused", message: expect.stringContaining("MODAL_TOKEN_SECRET") });
      expect(inspect(error)).not.toContain("as-wrong-secret");
    });

    it("is taken out of what Modal says", async () => {
      const backend = await connect();
      const message = `failed for ${server.token.secret}`;
      server.failures.set("sandboxCreateV2", { status: Status.RESOURCE_EXHAUSTED, message, how: "before" });
      const error = await backend.acquire("quoted").catch((reason: unknown) => reason);
      expect(error).toMatchObject({ kind: "retryable", message: expect.stringContaining("failed for ***") });
      expect(inspect(error)).not.toContain(server.token.secret);
    });
  });

  it("refuses a size that is no number", async () => {
    await expect(connect({}, { TALARIA_MODAL_CPU: "lots" })).rejects.toMatchObject({ kind: "refused" });
  });
});
