import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { daytona } from "../../../core/shells/daytona/daytona.ts";
import type { ShellPorts, Workspace } from "../../../core/shells/shell.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { startDaytona } from "../../fakes/daytona-server.ts";
import { missingForBoxes } from "../../fakes/sandbox-box.ts";
import { memoryRecords, shellPorts } from "../../support/shell-ports.ts";

const missing = missingForBoxes();
if (missing !== undefined) console.log(`skipped: daytona, since ${missing}`);

const [server, older] = await Promise.all([startDaytona(), startDaytona({ commands: "words" })]);
afterAll(() => Promise.all([server.close(), older.close()]));
const settings = { DAYTONA_API_KEY: server.apiKey, DAYTONA_API_URL: server.url };
const connect = (ports: Partial<ShellPorts> = {}, changes: Record<string, string> = {}) =>
  daytona.connect({ ...settings, ...changes }, shellPorts(ports));
const timeoutMs = 15_000;
const patiently = { timeout: timeoutMs };
const output = async (workspace: Workspace, script: string) => (await workspace.run(script, { timeoutMs })).output;
const newest = () => [...server.sandboxes.keys()].at(-1) ?? "";
const newestSandbox = () => server.sandboxes.get(newest()) ?? expect.fail("there is no sandbox");
const countCalls = (part: string) => server.calls.filter((call) => call.includes(part)).length;

describe("a list that Daytona would not take", () => {
  const many = (count: number, entry: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => entry(index));
  it.each([
    ["pypi.org,10.1.0.0/16", "takes names or IP ranges, not both"],
    [many(21, (index) => `n${index}.example.org`).join(), "takes 20 names at most"],
    [many(11, (index) => `10.${index}.0.0/16`).join(), "takes 10 IP ranges at most"],
    ["fd00::/8", "does not take fd00::/8"],
    ["*.internal", "does not take *.internal"],
    ["a_b.example.org", "does not take a_b.example.org"],
    ["example.xn--p1ai", "does not take example.xn--p1ai"],
  ])("is refused at the start, with the shells that take it: %s", async (list, problem) => {
    const values = { TALARIA_SHELL_NETWORK: list };
    for (const start of [connect({}, values), daytona.summary(values)]) {
      const { message } = await start.then(
        () => expect.fail("it starts"),
        (error: Error) => error,
      );
      expect(message).toContain(problem);
      expect(message).toContain("The shells local and modal can");
    }
  });
});

describe.skipIf(missing !== undefined)("daytona", () => {
  shellSuite("daytona", () => connect(), [], describe);

  describe("a workspace in daytona", () => {
    it("stops and is started again with its files, in the same sandbox", async () => {
      const backend = await connect();
      await output(await backend.acquire("sleeper"), "echo dream > kept; echo tool > /tmp/tool");
      const sandboxes = server.sandboxes.size;
      await backend.hibernate?.("sleeper");
      expect(newestSandbox().states.at(-1)).toBe("stopped");
      const again = await backend.acquire("sleeper");
      expect(await output(again, "cat kept /tmp/tool")).toBe("dream\ntool\n");
      expect(again.notice).toBeUndefined();
      expect(server.sandboxes.size).toBe(sandboxes);
    });

    it("is found again by another process", async () => {
      const records = memoryRecords();
      await output(await (await connect({ records })).acquire("moved"), "echo here > kept");
      expect(await output(await (await connect({ records })).acquire("moved"), "cat kept")).toBe("here\n");
    });

    it("does nothing to put a sleeping workspace to sleep", async () => {
      const backend = await connect();
      await backend.acquire("asleep");
      await backend.hibernate?.("asleep");
      await backend.hibernate?.("asleep");
      await backend.hibernate?.("never-woken");
      expect(countCalls(`${newest()}/stop`)).toBe(1);
    });

    it("starts when somebody else starts it at the same time", async () => {
      const records = memoryRecords();
      const backend = await connect({ records });
      await backend.acquire("twice");
      await backend.hibernate?.("twice");
      newestSandbox().states = ["stopped"];
      const both = await Promise.all([backend.acquire("twice"), (await connect({ records })).acquire("twice")]);
      for (const workspace of both) expect(await output(workspace, "echo awake")).toBe("awake\n");
    });

    it("has one sandbox when three functions make it at once", async () => {
      const records = memoryRecords();
      const sandboxes = server.sandboxes.size;
      const backends = await Promise.all([connect({ records }), connect({ records }), connect({ records })]);
      const workspaces = await Promise.all(backends.map((backend) => backend.acquire("shared")));
      expect(server.sandboxes.size).toBe(sandboxes + 1);
      await output(workspaces[0] ?? expect.fail(), "echo one > kept");
      for (const workspace of workspaces) expect(await output(workspace, "cat kept")).toBe("one\n");
    });

    it("says that its files are lost when its sandbox was deleted", async () => {
      const backend = await connect();
      await output(await backend.acquire("deleted"), "echo precious > kept");
      newestSandbox().box.stop();
      server.sandboxes.delete(newest());
      const anew = await backend.acquire("deleted");
      expect(anew.notice).toContain("files are lost");
      expect(await output(anew, "ls")).toBe("");
      expect((await backend.acquire("deleted")).notice).toBeUndefined();
    });

    it("wakes from the archive", async () => {
      const backend = await connect();
      await output(await backend.acquire("archived"), "echo old > kept");
      newestSandbox().states = ["archiving", "archived"];
      expect(await output(await backend.acquire("archived"), "cat kept")).toBe("old\n");
    });

    it("is repaired where Daytona can do that, and else says why it failed", async () => {
      const backend = await connect();
      await output(await backend.acquire("broken"), "echo old > kept");
      newestSandbox().states = ["error"];
      await expect(backend.acquire("broken")).rejects.toMatchObject({
        kind: "refused",
        message: expect.stringContaining("disk failure"),
      });
      newestSandbox().recoverable = true;
      expect(await output(await backend.acquire("broken"), "cat kept")).toBe("old\n");
    });

    it("gives up on a sandbox that never starts", async () => {
      const backend = await connect({ clock: { now: Date.now, sleep: async () => {} } });
      await backend.acquire("stuck");
      newestSandbox().states = ["starting"];
      await expect(backend.acquire("stuck")).rejects.toMatchObject({ kind: "retryable" });
    });

    it("has the network unless it is cut off", async () => {
      const interfaces = "grep -c : /proc/self/net/dev";
      const open = await (await connect()).acquire("online");
      const cut = await (await connect({}, { TALARIA_SHELL_NETWORK: "0" })).acquire("offline");
      expect(Number(await output(open, interfaces))).toBeGreaterThan(1);
      expect(await output(cut, interfaces)).toBe("1\n");
      expect([open.isIsolated, cut.isIsolated]).toEqual([true, true]);
    });

    it.each([
      ["pypi.org, *.npmjs.org", { networkAllowList: "", domainAllowList: "pypi.org,*.npmjs.org" }],
      ["10.1.0.0/16,192.0.2.7/32", { networkAllowList: "10.1.0.0/16,192.0.2.7/32", domainAllowList: "" }],
    ])("may reach what the list names, and says so: %s", async (list, creation) => {
      const backend = await connect({}, { TALARIA_SHELL_NETWORK: list });
      await backend.acquire("listed");
      expect(newestSandbox().creation).toMatchObject({ networkBlockAll: false, ...creation });
      expect(countCalls("network-settings")).toBe(0);
      expect(backend.description).toContain("only this may be reached: ");
    });

    it("that is there already gets another rule, with its files and in the same sandbox", async () => {
      const records = memoryRecords();
      await output(await (await connect({ records })).acquire("ruled"), "echo mine > kept");
      const calls = countCalls("network-settings");
      for (const [rule, now] of [
        ["pypi.org", { networkBlockAll: false, domainAllowList: "pypi.org", networkAllowList: "" }],
        ["10.1.0.0/16", { networkBlockAll: false, domainAllowList: "", networkAllowList: "10.1.0.0/16" }],
        ["0", { networkBlockAll: true, domainAllowList: "", networkAllowList: "" }],
        ["1", { networkBlockAll: false, domainAllowList: "", networkAllowList: "" }],
      ] as const) {
        const backend = await connect({ records }, { TALARIA_SHELL_NETWORK: rule });
        expect(await output(await backend.acquire("ruled"), "cat kept")).toBe("mine\n");
        expect(newestSandbox().creation).toMatchObject(now);
        await backend.acquire("ruled");
      }
      expect(countCalls("network-settings") - calls).toBe(4);
    });

    it("is not used where Daytona does not keep the rule", async () => {
      const old = { DAYTONA_API_KEY: older.apiKey, DAYTONA_API_URL: older.url };
      const backend = await connect({}, { ...old, TALARIA_SHELL_NETWORK: "pypi.org" });
      await expect(backend.acquire("wide")).rejects.toMatchObject({
        kind: "refused",
        message: expect.stringContaining("does not keep what TALARIA_SHELL_NETWORK says"),
      });
    });

    it("is made from the snapshot and in the region that are set", async () => {
      await (await connect({}, { TALARIA_DAYTONA_SNAPSHOT: "tools", DAYTONA_TARGET: "eu" })).acquire("chosen");
      expect(newestSandbox().creation).toMatchObject({ snapshot: "tools", target: "eu" });
    });
  });

  describe("a command in daytona", () => {
    it("survives calls that fail while it runs", async () => {
      const clock = { now: Date.now, sleep: async () => {} };
      const workspace = await (await connect({ clock })).acquire("shaky");
      const running = workspace.run("while [ ! -e go ]; do sleep 0.05; done; echo done", { timeoutMs });
      await output(workspace, "true");
      server.failNext(`${newest()}/process/execute`, { status: 502, body: { message: "bad gateway" }, times: 1 });
      await workspace.run("touch go", { timeoutMs }).catch(() => workspace.run("touch go", { timeoutMs }));
      expect(await running).toMatchObject({ output: "done\n", exitCode: 0 });
    });

    it("asks again for a piece of the output that did not arrive", async () => {
      const clock = { now: Date.now, sleep: async () => {} };
      const workspace = await (await connect({ clock })).acquire("lossy");
      const running = workspace.run("head -c 30000000 /dev/zero; sleep 1; echo; echo end", { timeoutMs });
      await expect.poll(() => countCalls(`${newest()}/process/execute`), patiently).toBeGreaterThan(1);
      server.failNext(`${newest()}/process/execute`, { status: 502, times: 3 });
      expect((await running).output.endsWith("\nend\n")).toBe(true);
    });

    it("is a retryable failure when the sandbox was stopped under it", async () => {
      const backend = await connect();
      const workspace = await backend.acquire("stopped");
      await backend.hibernate?.("stopped");
      await expect(workspace.run("echo never", { timeoutMs })).rejects.toMatchObject({ kind: "retryable" });
    });
  });

  it("reads its answers past what the sandbox's shells warn of", async () => {
    const workspace = await (await connect()).acquire("foreign");
    newestSandbox().creation.env = { LC_ALL: "xx_XX" };
    expect(await output(workspace, "echo plain")).toBe("plain\n");
  });

  describe("an older Daytona, which starts a program and no shell", () => {
    const acquire = async (name: string) => {
      const backend = await connect({}, { DAYTONA_API_URL: older.url });
      return { backend, workspace: await backend.acquire(name) };
    };

    it("runs scripts with their input, exit code and outputs", async () => {
      const { workspace } = await acquire("plain");
      const script = `read -r line; echo "$line, it's" | tee kept; echo warned >&2; exit 3`;
      const result = await workspace.run(script, { timeoutMs, stdin: "a  b\n" });
      expect(result).toMatchObject({ output: "a  b, it's\nwarned\n", exitCode: 3 });
    });

    it("has its output in pieces, and ends it in time", async () => {
      const { workspace } = await acquire("long");
      const written = await workspace.run("head -c 30000000 /dev/zero; echo; echo end", { timeoutMs });
      expect(written.output.endsWith("\nend\n")).toBe(true);
      expect(await workspace.run("sleep 600", { timeoutMs: 500 })).toMatchObject({ timedOut: true, exitCode: 124 });
    });

    it("keeps files while it sleeps", async () => {
      const { backend, workspace } = await acquire("sleeper");
      await output(workspace, "echo dream > kept");
      await backend.hibernate?.("sleeper");
      expect(await output(await backend.acquire("sleeper"), "cat kept")).toBe("dream\n");
    });
  });

  describe("Daytona's key", () => {
    it("is asked for by name when it is missing", async () => {
      await expect(connect({}, { DAYTONA_API_KEY: "" })).rejects.toMatchObject({
        kind: "refused",
        message: expect.stringContaining("DAYTONA_API_KEY"),
      });
    });

    it("is refused when it is wrong, and never quoted", async () => {
      const backend = await connect({}, { DAYTONA_API_KEY: "dtn_wrong_key" });
      const error = await backend.acquire("any").catch((reason: unknown) => reason);
      expect(error).toMatchObject({ kind: "refused", message: expect.stringContaining("DAYTONA_API_KEY") });
      expect(inspect(error, { depth: 20 })).not.toContain("dtn_wrong_key");
    });

    it("is taken out of what Daytona says", async () => {
      const backend = await connect();
      server.failNext("POST /api/sandbox", { status: 503, body: { message: `failed for ${server.apiKey}` } });
      const error = await backend.acquire("quoted").catch((reason: unknown) => reason);
      expect(error).toMatchObject({ kind: "retryable", message: expect.stringContaining("failed for ***") });
      expect(inspect(error, { depth: 20 })).not.toContain(server.apiKey);
    });

    it("is nowhere in a failed connection", async () => {
      const backend = await connect({}, { DAYTONA_API_URL: "http://127.0.0.1:9/api" });
      const error = await backend.acquire("nobody").catch((reason: unknown) => reason);
      expect(error).toMatchObject({ kind: "retryable" });
      expect(inspect(error, { depth: 20 })).not.toContain(server.apiKey);
    });
  });

  it.each([
    [403, "Total CPU limit exceeded", "refused"],
    [400, "Snapshot tools not found", "refused"],
    [429, "Too many requests", "retryable"],
    [502, "Bad gateway", "retryable"],
  ])("takes a %i with %j as %s when it makes a sandbox", async (status, message, kind) => {
    const backend = await connect();
    server.failNext("POST /api/sandbox", { status, body: { message } });
    await expect(backend.acquire(`status-${status}`)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });
});
