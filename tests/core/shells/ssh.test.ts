import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShellBackend } from "../../../core/shells/shell.ts";
import { ssh } from "../../../core/shells/ssh.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { makeSshKey, type SshServer, sshdMissing, startSshServer } from "../../fakes/ssh-server.ts";
import { shellPorts } from "../../support/shell-ports.ts";

const reason = sshdMissing();
if (reason !== undefined) console.log(`skipped: ssh, since ${reason}`);

const timeoutMs = 15_000;
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

async function newServer(): Promise<SshServer> {
  const server = await startSshServer();
  closers.push(server.close);
  return server;
}

async function connect(server: SshServer, changes: Record<string, string> = {}): Promise<ShellBackend> {
  const backend = await ssh.connect({ ...server.settings, ...changes }, shellPorts());
  closers.push(async () => backend.close?.());
  return backend;
}

if (reason === undefined) shellSuite("ssh", async () => connect(await newServer()), ["isolation"]);

describe.skipIf(reason !== undefined)("an ssh connection", () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await newServer();
  });

  it("is made once for all scripts and workspaces", async () => {
    const before = server.connections();
    const backend = await connect(server);
    for (const id of ["one", "two", "one"]) await (await backend.acquire(id)).run("true", { timeoutMs });
    expect(server.connections() - before).toBe(1);
  });

  it("is made again after it was lost, and what ran meanwhile is a retryable failure", async () => {
    const workspace = await (await connect(server)).acquire("lost");
    const running = workspace.run("touch began; sleep 30", { timeoutMs }).catch((error: unknown) => error);
    await expect.poll(() => stat(join(server.home, "talaria/lost/began")).catch(() => "not yet")).toBeTypeOf("object");
    server.cut();
    expect(await running).toMatchObject({ kind: "retryable", message: expect.stringContaining("lost") });
    expect((await workspace.run("echo again", { timeoutMs })).output).toBe("again\n");
  });

  it("is made again when it may have been given up while the function was frozen", async () => {
    let now = 1_000_000;
    const clock = { now: () => now, sleep: async () => {} };
    const backend = await ssh.connect(server.settings, shellPorts({ clock }));
    closers.push(async () => backend.close?.());
    const before = server.connections();
    const workspace = await backend.acquire("frozen");
    now += 59_000;
    await workspace.run("true", { timeoutMs });
    expect(server.connections() - before).toBe(1);
    now += 61_000;
    await workspace.run("true", { timeoutMs });
    expect(server.connections() - before).toBe(2);
  });

  it("carries more scripts at once than a server allows on one connection", async () => {
    const workspace = await (await connect(server)).acquire("many");
    const script = (index: number) =>
      `touch ran-${index}; until [ $(ls ran-* | wc -l) = 12 ]; do sleep 0.05; done; echo ${index}`;
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) => workspace.run(script(index), { timeoutMs })),
    );
    expect(results.map(({ output }) => output)).toEqual(Array.from({ length: 12 }, (_, index) => `${index}\n`));
  });

  it("refuses a machine with another key and says which key it has", async () => {
    const backend = await connect(server, { TALARIA_SSH_HOST_KEY: "SHA256:another" });
    await expect(backend.acquire("any")).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining(server.settings["TALARIA_SSH_HOST_KEY"] ?? "missing"),
    });
  });

  it("refuses when the machine does not let the key in, without showing it", async () => {
    const { private: key } = await makeSshKey(server.home, "stranger");
    const error: unknown = await (
      await connect(server, { TALARIA_SSH_KEY: key })
    )
      .acquire("any")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "refused", message: expect.stringContaining("does not let") });
    expect(JSON.stringify(error) + String(error)).not.toContain(key.split("\n")[1]);
  });

  it("is a retryable failure where nobody listens", async () => {
    await expect((await connect(server, { TALARIA_SSH_PORT: "1" })).acquire("any")).rejects.toMatchObject({
      kind: "retryable",
    });
  });

  it("takes its key in base64 too", async () => {
    const key = Buffer.from(server.settings["TALARIA_SSH_KEY"] ?? "").toString("base64");
    const workspace = await (await connect(server, { TALARIA_SSH_KEY: key })).acquire("encoded");
    expect((await workspace.run("echo in", { timeoutMs })).output).toBe("in\n");
  });

  it("makes the workspace's folder for its user alone, where it is told to", async () => {
    const folder = join(server.home, "else where");
    const workspace = await (await connect(server, { TALARIA_SSH_FOLDER: folder })).acquire("own");
    expect((await workspace.run("pwd", { timeoutMs })).output).toBe(`${folder}/own\n`);
    expect((await stat(join(folder, "own"))).mode & 0o777).toBe(0o700);
  });

  it("keeps what a login says out of the output", async () => {
    await writeFile(join(server.home, ".bashrc"), "echo welcome\n");
    const workspace = await (await connect(server)).acquire("greeted");
    expect((await workspace.run("echo mine", { timeoutMs })).output).toBe("mine\n");
  });
});

describe("the ssh shell", () => {
  it("refuses to start without its settings and names them", async () => {
    await expect(ssh.connect({ TALARIA_SSH_HOST: "127.0.0.1" }, shellPorts())).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("TALARIA_SSH_HOST_KEY"),
    });
  });

  it("refuses a key that is none, without showing it", async () => {
    const settings = {
      TALARIA_SSH_HOST: "127.0.0.1",
      TALARIA_SSH_USER: "me",
      TALARIA_SSH_KEY: "hunter2",
      TALARIA_SSH_HOST_KEY: "SHA256:x",
    };
    const error: unknown = await ssh.connect(settings, shellPorts()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "refused", message: expect.stringContaining("TALARIA_SSH_KEY") });
    expect(String(error)).not.toContain("hunter2");
  });
});
