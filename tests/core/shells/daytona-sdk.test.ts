/** Daytona's own SDK on our stand-in: what that answers is what the vendor's program expects, and our shell shares it. */
import { randomInt } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { connectBy, daytona } from "../../../core/shells/daytona/daytona.ts";
import type { Workspace } from "../../../core/shells/shell.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { startDaytona } from "../../fakes/daytona-server.ts";
import { missingForBoxes } from "../../fakes/sandbox-box.ts";
import { daytonaSdk, sdkAccount } from "../../support/daytona-sdk.ts";
import { shellPorts } from "../../support/shell-ports.ts";

const missing = missingForBoxes();
if (missing !== undefined) console.log(`skipped: Daytona's SDK, since ${missing}`);
const sdk = daytonaSdk();
const timeoutMs = 15_000;
/** One that nobody else on this machine runs: a sandbox here sees all of its processes. */
const nap = () => `sleep 600.${randomInt(1e9)}`;

describe.skipIf(missing !== undefined || sdk === undefined)("Daytona's SDK", async () => {
  if (missing !== undefined || sdk === undefined) return;
  const server = await startDaytona();
  const suiteServer = await startDaytona();
  const config = { apiKey: server.apiKey, apiUrl: server.url };
  const client = new sdk.Daytona({ ...config, useDeprecatedPolling: true });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await Promise.all([server.close(), suiteServer.close()]);
  });

  describe("as the way of our shell", () => {
    const settings = { DAYTONA_API_KEY: suiteServer.apiKey, DAYTONA_API_URL: suiteServer.url };
    const connect = connectBy(async (options) => sdkAccount(sdk, options));
    shellSuite("daytona by its SDK", () => connect(settings, shellPorts()), [], describe);

    it("makes every call of the suite", () => {
      expect([...suiteServer.callers]).toEqual(["sdk-typescript"]);
    });
  });

  describe("a sandbox", () => {
    it("is made, stopped, started, found and deleted", async () => {
      const sandbox = await client.create({ labels: { made: "here" } });
      expect(sandbox).toMatchObject({ state: "started", labels: { made: "here" } });
      await sandbox.process.executeCommand("echo old > kept");
      await sandbox.stop();
      expect(sandbox.state).toBe("stopped");
      await expect(sandbox.process.executeCommand("true")).rejects.toMatchObject({ statusCode: 400 });
      await sandbox.start();
      expect((await client.get(sandbox.id)).state).toBe("started");
      expect((await sandbox.process.executeCommand("cat kept")).result).toBe("old\n");
      await sandbox.delete();
      await expect(client.get(sandbox.id)).rejects.toMatchObject({ name: "DaytonaNotFoundError", statusCode: 404 });
    });

    it("is waited for without the WebSocket, which the stand-in does not have", async () => {
      const own = new sdk.Daytona(config);
      const sandbox = await own.create();
      await sandbox.stop();
      expect(sandbox.state).toBe("stopped");
      await own[Symbol.asyncDispose]();
    });

    it("refuses a wrong key as Daytona does", async () => {
      const stranger = new sdk.Daytona({ ...config, apiKey: "dtn_wrong", useDeprecatedPolling: true });
      await expect(stranger.create()).rejects.toMatchObject({ name: "DaytonaAuthenticationError", statusCode: 401 });
    });

    it("has no network where all of it is blocked", async () => {
      const interfaces = async ({ process }: typeof sandbox) =>
        Number((await process.executeCommand("grep -c : /proc/self/net/dev")).result);
      const sandbox = await client.create({ networkBlockAll: true });
      expect(sandbox.networkBlockAll).toBe(true);
      expect(await interfaces(sandbox)).toBe(1);
      await sandbox.updateNetworkSettings({ networkBlockAll: false });
      expect(sandbox.networkBlockAll).toBe(false);
      expect(await interfaces(sandbox)).toBeGreaterThan(1);
    });

    it("takes a list of the addresses that it may reach", async () => {
      const sandbox = await client.create({ networkAllowList: "10.0.0.0/8, 192.168.1.0/24" });
      expect(sandbox.networkAllowList).toBe("10.0.0.0/8, 192.168.1.0/24");
      await sandbox.updateNetworkSettings({ networkAllowList: "8.8.8.8/32" });
      expect((await client.get(sandbox.id)).networkAllowList).toBe("8.8.8.8/32");
      await expect(client.create({ networkAllowList: "everything" })).rejects.toMatchObject({ statusCode: 400 });
    });
  });

  describe("a command", () => {
    it("is read by a shell and answers with both outputs in their order", async () => {
      const { process } = await client.create({ envVars: { GIVEN: "to the sandbox" } });
      const command = 'echo a > f; cat f; echo "b  c" >&2; echo $GIVEN | tr a-z A-Z; exit 3';
      expect(await process.executeCommand(command)).toMatchObject({ result: "a\nb  c\nTO THE SANDBOX\n", exitCode: 3 });
    });

    it("has a folder and variables of its own", async () => {
      const { process } = await client.create();
      const { result } = await process.executeCommand('pwd; echo "$WORD"', "/tmp", { WORD: "two words, 'quoted'" });
      expect(result).toBe("/tmp\ntwo words, 'quoted'\n");
      await expect(process.executeCommand("true", undefined, { "no-name": "" })).rejects.toMatchObject({
        statusCode: 400,
        message: expect.stringContaining("no-name"),
      });
    });

    it("ends with all that it started when its time is up", async () => {
      const { process } = await client.create();
      const long = nap();
      const slow = process.executeCommand(`${long} & ${long}`, undefined, undefined, 1);
      await expect(slow).rejects.toMatchObject({ name: "DaytonaTimeoutError", statusCode: 408 });
      expect((await process.executeCommand(`pgrep -fxc '${long}'`)).result).toBe("0\n");
    });
  });

  describe("a file", () => {
    it("comes down as it went up", async () => {
      const { fs } = await client.create();
      const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
      await fs.uploadFile(content, "some folder/file.bin");
      await fs.uploadFile(Buffer.alloc(0), "/tmp/empty");
      expect(content.equals(await fs.downloadFile("some folder/file.bin"))).toBe(true);
      expect(await fs.downloadFile("/tmp/empty")).toHaveLength(0);
    });

    it("that is missing is said to be", async () => {
      const { fs } = await client.create();
      await expect(fs.downloadFile("nowhere")).rejects.toMatchObject({ statusCode: 404 });
    });
  });

  describe("a session", () => {
    it("keeps its folder and variables between commands", async () => {
      const { process } = await client.create();
      await process.createSession("work");
      const first = await process.executeSessionCommand("work", {
        command: "cd /tmp; X=1; echo out; echo err >&2; false",
      });
      expect(first).toMatchObject({ stdout: "out\n", stderr: "err\n", exitCode: 1 });
      expect((await process.executeSessionCommand("work", { command: 'pwd; echo "$X"' })).stdout).toBe("/tmp\n1\n");
      expect((await process.getSession("work")).commands.map(({ exitCode }) => exitCode)).toEqual([1, 0]);
    });

    it("runs a command that nobody waits for, whose log is read later", async () => {
      const { process } = await client.create();
      await process.createSession("later");
      const command = "echo begun; until [ -e go ]; do sleep 0.02; done; echo done";
      const { cmdId, exitCode } = await process.executeSessionCommand("later", { command, runAsync: true });
      expect(exitCode).toBeUndefined();
      await expect.poll(async () => (await process.getSessionCommandLogs("later", cmdId)).stdout).toBe("begun\n");
      await process.executeCommand("touch go");
      await expect.poll(async () => (await process.getSessionCommand("later", cmdId)).exitCode).toBe(0);
      expect((await process.getSessionCommandLogs("later", cmdId)).stdout).toBe("begun\ndone\n");
    });

    it("ends with its processes when it is deleted", async () => {
      const { process } = await client.create();
      const long = nap();
      await process.createSession("short");
      await process.executeSessionCommand("short", { command: long, runAsync: true });
      const count = async () => (await process.executeCommand(`pgrep -fxc '${long}'`)).result;
      await expect.poll(count).toBe("1\n");
      await process.deleteSession("short");
      expect(await count()).toBe("0\n");
      await expect(process.getSession("short")).rejects.toMatchObject({ statusCode: 404 });
    });
  });

  describe("beside our shell", () => {
    const connect = () =>
      daytona.connect({ DAYTONA_API_KEY: server.apiKey, DAYTONA_API_URL: server.url }, shellPorts());
    const newest = () => client.get([...server.sandboxes.keys()].at(-1) ?? "");
    const output = async (workspace: Workspace, script: string) => (await workspace.run(script, { timeoutMs })).output;

    it("sees the files that we write, and we see its own", async () => {
      const workspace = await (await connect()).acquire("shared");
      const { process, fs, labels } = await newest();
      expect(labels).toEqual({ app: "talaria" });
      await output(workspace, "echo ours > ours");
      expect((await process.executeCommand("cat workspace/ours")).result).toBe("ours\n");
      await fs.uploadFile(Buffer.from("theirs\n"), "workspace/theirs");
      expect(await output(workspace, "cat theirs")).toBe("theirs\n");
    });

    it("sees the processes that we start, and we end its own", async () => {
      const workspace = await (await connect()).acquire("processes");
      const { process } = await newest();
      const [theirs, ours] = [nap(), nap()];
      await process.createSession("theirs");
      const { cmdId } = await process.executeSessionCommand("theirs", { command: theirs, runAsync: true });
      const running = workspace.run(`${ours}; echo ended`, { timeoutMs });
      await expect.poll(async () => (await process.executeCommand(`pkill -fx '${ours}'`)).exitCode).toBe(0);
      expect((await running).output).toContain("ended\n");
      await expect.poll(() => output(workspace, `pkill -fx '${theirs}' && echo found`)).toBe("found\n");
      await expect.poll(async () => (await process.getSessionCommand("theirs", cmdId)).exitCode).toBeGreaterThan(128);
    });

    it("finds a workspace that sleeps stopped, and can wake it for us", async () => {
      const backend = await connect();
      await output(await backend.acquire("sleeper"), "echo dream > kept");
      await backend.hibernate?.("sleeper");
      const sandbox = await newest();
      await expect.poll(async () => (await newest()).state).toBe("stopped");
      await sandbox.refreshData();
      await sandbox.start();
      expect((await sandbox.process.executeCommand("cat workspace/kept")).result).toBe("dream\n");
      expect(await output(await backend.acquire("sleeper"), "cat kept")).toBe("dream\n");
    });

    it("may delete the sandbox of a workspace, which then begins anew", async () => {
      const backend = await connect();
      await output(await backend.acquire("gone"), "echo lost > kept");
      await (await newest()).delete();
      const anew = await backend.acquire("gone");
      expect(anew.notice).toContain("files are lost");
      expect(await output(anew, "ls")).toBe("");
    });
  });
});
