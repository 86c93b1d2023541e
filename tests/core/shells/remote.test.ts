import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { retryable } from "../../../core/base/errors.ts";
import { checkedWorkspaceId, type Exec, remoteWorkspace } from "../../../core/shells/remote.ts";
import type { ShellBackend, Workspace } from "../../../core/shells/shell.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";

const root = await mkdtemp(join(tmpdir(), "talaria-remote-"));
afterAll(() => rm(root, { recursive: true, force: true }));
const timeoutMs = 15_000;

/** The simplest machine: a process of this one, on sockets as most transports are. */
const processExec: Exec = (command, io) => execOn(process.env, command, io);

const execOn = (env: NodeJS.ProcessEnv, ...[command, io]: Parameters<Exec>): ReturnType<Exec> =>
  new Promise((resolve, reject) => {
    const [program = "", ...words] = command;
    const child = spawn(program, words, { env });
    child.stdin.on("error", () => {});
    child.stdin.end(io.stdin);
    child.stdout.on("data", io.onOutput);
    child.stderr.on("data", io.onOutput);
    child.on("error", (error) => reject(retryable(error.message)));
    child.on("close", (code) => resolve(code ?? 137));
  });

const workspaceOn = (exec: Exec, id = "any"): Workspace =>
  remoteWorkspace({ exec, isIsolated: false, folder: join(root, checkedWorkspaceId(id)) });

const plain = async (): Promise<ShellBackend> => ({
  description: "A machine that can do no more than start a process and say how it ended.",
  acquire: async (id) => workspaceOn(processExec, id),
});

shellSuite("a remote workspace", plain, ["isolation"]);

describe("a remote workspace", () => {
  it("takes one exec for a script", async () => {
    const commands: (readonly string[])[] = [];
    const counting: Exec = (command, io) => {
      commands.push(command);
      return processExec(command, io);
    };
    await workspaceOn(counting).run("cat; exit 3", { timeoutMs, stdin: "x".repeat(100_000) });
    expect(commands.length).toBe(1);
  });

  it("shows the script in no list of processes", async () => {
    const secret = "hunter2";
    const { output } = await workspaceOn(processExec).run(`cat /proc/[0-9]*/cmdline | tr '\\0' ' '; : ${secret}`, {
      timeoutMs,
    });
    expect(output).not.toContain(secret);
  });

  it("has a home of its own where one is given", async () => {
    const home = join(root, "home");
    const workspace = remoteWorkspace({ exec: processExec, isIsolated: true, folder: join(root, "folder"), home });
    expect((await workspace.run('echo "$HOME $PWD"', { timeoutMs })).output).toBe(`${home} ${join(root, "folder")}\n`);
  });

  it("passes on the failure of the connection", async () => {
    const failing: Exec = () => Promise.reject(retryable("the line is down"));
    await expect(workspaceOn(failing).run("true", { timeoutMs })).rejects.toMatchObject({
      kind: "retryable",
      message: "the line is down",
    });
  });

  it("is a retryable failure with the machine's words when bash never ran", async () => {
    const withoutBash: Exec = async (_command, io) => {
      io.onOutput(Buffer.from("exec failed: bash: not found"));
      return 127;
    };
    await expect(workspaceOn(withoutBash).run("true", { timeoutMs })).rejects.toMatchObject({
      kind: "retryable",
      message: "The shell could not be started: exec failed: bash: not found",
    });
  });

  it("is a retryable failure when its folder cannot be made", async () => {
    await writeFile(join(root, "file"), "");
    const workspace = remoteWorkspace({ exec: processExec, isIsolated: true, folder: join(root, "file", "folder") });
    await expect(workspace.run("true", { timeoutMs })).rejects.toMatchObject({
      kind: "retryable",
      message: expect.stringContaining("cannot be made"),
    });
  });

  it("takes output in any pieces, after whatever the machine says first", async () => {
    const inPieces: Exec = (command, io) => {
      io.onOutput(Buffer.from(`welcome\n${"-".repeat(10_000)}\n`));
      const onOutput = (chunk: Uint8Array) => {
        for (const byte of chunk) io.onOutput(Uint8Array.of(byte));
      };
      return processExec(command, { ...io, onOutput });
    };
    expect((await workspaceOn(inPieces).run("echo žluť", { timeoutMs })).output).toBe("žluť\n");
  });

  it("runs no script of which only a part came", async () => {
    const name = join(root, "half");
    const cutting: Exec = (command, io) => processExec(command, { ...io, stdin: io.stdin.subarray(0, -20) });
    const running = workspaceOn(cutting).run(`touch ${name}; ${"x".repeat(50)}`, { timeoutMs });
    await expect(running).rejects.toMatchObject({ message: expect.stringContaining("connection was lost") });
    await expect(readFile(name)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.each([
    ["", "true"],
    [", also where it begins late", "sleep 0.5"],
  ])("lets no script take half of its input for the whole%s", async (_when, before) => {
    const slow = await mkdtemp(join(root, "slow-"));
    await writeFile(join(slow, "setsid"), `#!/bin/sh\n${before}\nexec /usr/bin/setsid "$@"\n`, { mode: 0o755 });
    const name = join(slow, "half-input");
    const env = { ...process.env, PATH: `${slow}:${process.env["PATH"]}` };
    const cutting: Exec = (command, io) => execOn(env, command, { ...io, stdin: io.stdin.subarray(0, -20) });
    const result = await workspaceOn(cutting).run(`cat >/dev/null; touch ${name}`, {
      timeoutMs,
      stdin: "x".repeat(50),
    });
    expect(result.exitCode).toBe(137);
    await expect(readFile(name)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("ends the script there when nobody is left here to do it", async () => {
    const name = join(root, "abandoned");
    // The one argument that says after how many seconds.
    const hasty: Exec = (command, io) =>
      processExec(
        command.map((word) => (word === "75" ? "1" : word)),
        io,
      );
    const script = `(setsid bash -c 'while :; do echo x >> ${name}; sleep 0.05; done' &); sleep 60`;
    expect((await workspaceOn(hasty).run(script, { timeoutMs: 60_000 })).exitCode).not.toBe(0);
    const size = (await readFile(name)).length;
    expect(size).toBeGreaterThan(0);
    await workspaceOn(processExec).run("sleep 0.5", { timeoutMs });
    expect((await readFile(name)).length).toBe(size);
  });

  it("gives up on a machine that does not answer, and keeps what it heard", async () => {
    const heard: Exec = (command, io) => {
      if (!command.some((word) => word.includes("run_script"))) return Promise.reject(retryable("gone"));
      io.onOutput(Buffer.from(`${command.find((word) => /^[0-9a-f]{32}$/.test(word))}\nheard\n`));
      return new Promise((_resolve, reject) => {
        io.signal.addEventListener("abort", () => reject(retryable("dropped")), { once: true });
      });
    };
    expect(await workspaceOn(heard).run("sleep 60", { timeoutMs: 50 })).toMatchObject({
      timedOut: true,
      output: "heard\n",
    });
  }, 30_000);
});
