/** Jobs on this machine, and what only a test on this machine can see. */
import { mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../core/base/ids.ts";
import { type JobStart, troubleOf } from "../../../core/shells/jobs/job.ts";
import { parseEgress } from "../../../core/shells/egress.ts";
import { canRing, killJob, lookAtJob, startJob } from "../../../core/shells/jobs/jobs.ts";
import { hostRunner } from "../../../core/shells/local/host.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import type { LocalRunner } from "../../../core/shells/local/runner.ts";
import { floodBytes, type ShellBackend, type Workspace } from "../../../core/shells/shell.ts";
import { runInSession } from "../../../core/shells/session.ts";
import { jobCases } from "../../contracts/shell-jobs.ts";
import { timeoutMs } from "../../contracts/shell-bench.ts";
import { backendOf, bubblewrapHere, newFolder } from "./runners.ts";

const runners: LocalRunner[] = [await bubblewrapHere(), hostRunner()].filter((runner) => runner !== undefined);

describe.each(runners)("on $name", (runner) => {
  let backend: ShellBackend;
  let workspace: Workspace;
  beforeAll(async () => {
    backend = await backendOf(runner);
    workspace = await backend.acquire("jobs");
  });
  jobCases({
    backend: () => backend,
    workspace: () => workspace,
    run: (script, options = {}) => workspace.run(script, { timeoutMs, ...options }),
    newSession:
      () =>
      (command, options = {}) =>
        runInSession(workspace, { session: "s", command, timeoutMs, ...options }),
    only: () => it,
    waiting: describe.concurrent,
  });
});

const jobOf = (command: string, more: Partial<JobStart> = {}): JobStart => ({
  id: newId("job"),
  command,
  session: "s",
  savesSession: true,
  timeoutMs: 60_000,
  label: command,
  ...more,
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await isTrue()).toBe(true);
}

interface Heard {
  path: string | undefined;
  body: unknown;
}

/** A doorbell's address that answers with these codes, the last one again and again. */
async function doorbell(servers: Server[], ...codes: number[]): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      heard.push({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown });
      response.writeHead(codes[Math.min(heard.length, codes.length) - 1] ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/shell/jobs/job_1`, heard };
}

/** A bare bash without a spool, on which only these programs are found besides those that every machine has. */
async function machineWith(programs: readonly string[], without: readonly string[] = []): Promise<Workspace> {
  const workspace = await (await backendOf(hostRunner())).acquire("machine");
  const folder = join(await newFolder(), "bin");
  await mkdir(folder);
  const needed = ["bash", "sh", "cat", "mkdir", "mkfifo", "split", "tee", "grep", "timeout", "flock", "setsid"].concat(
    ["wc", "tail", "head", "sed", "sleep", "rm", "mv", "true", "sort", "dd", "ls", "env", "seq"],
    programs,
  );
  const paths = (
    await workspace.run(`type -P ${needed.filter((name) => !without.includes(name)).join(" ")}`, { timeoutMs })
  ).output;
  for (const path of paths.split("\n").filter((line) => line.startsWith("/")))
    await symlink(path, join(folder, path.split("/").at(-1) ?? ""));
  const { spool: _, ...bare } = workspace;
  return { ...bare, run: (script, options) => workspace.run(`PATH=${folder}\n${script}`, options) };
}

describe("a job that rings over HTTP", () => {
  const servers: Server[] = [];
  afterAll(() => servers.map((server) => server.close()));

  it.each(["curl", "wget", "python3", "node"])("does it with %s", async (program) => {
    const workspace = await machineWith([program]);
    const found = (await workspace.run(`command -v ${program} && ${program} --version`, { timeoutMs })).exitCode === 0;
    if (!found) return console.log(`skipped: ${program} is not on this machine`);
    const { url, heard } = await doorbell(servers, 204);
    await startJob(workspace, jobOf("sleep 0.2", { url }), { waitMs: 0 });
    await until(() => heard.length > 0);
    expect(heard).toEqual([{ path: "/shell/jobs/job_1", body: { event: "ended", number: 1, line: "" } }]);
  });

  it("tries again while the door is not open yet, until it is heard", async () => {
    const workspace = await machineWith(["curl"]);
    const { url, heard } = await doorbell(servers, 404, 503, 204);
    await startJob(workspace, jobOf("sleep 0.2", { url }), { waitMs: 0 });
    await until(() => heard.length === 3);
    expect(heard[2]).toEqual(heard[0]);
  });

  it("does not ring again where it is not wanted, nor for one who saw the end", async () => {
    const workspace = await machineWith(["curl"]);
    const closed = await doorbell(servers, 410);
    const job = jobOf("sleep 0.2", { url: closed.url });
    await startJob(workspace, job, { waitMs: 0 });
    await until(() => closed.heard.length === 1);
    // The one who rings has nothing else to do then: its folder has no user any more.
    const supervisors = () =>
      workspace.run(`cat /proc/[0-9]*/cmdline 2> /dev/null | grep -c -a ${job.id}`, { timeoutMs });
    await until(async () => (await supervisors()).output.trim() !== "2");
    const seen = await doorbell(servers, 204);
    await startJob(workspace, jobOf("true", { url: seen.url }), { waitMs: 20_000 });
    const after = await doorbell(servers, 204);
    await startJob(workspace, jobOf("sleep 0.2", { url: after.url }), { waitMs: 0 });
    await until(() => after.heard.length === 1);
    expect([closed.heard.length, seen.heard.length]).toEqual([1, 0]);
  });

  describe.concurrent("for what is watched", () => {
    const eventsOf = (heard: Heard[]) => heard.map(({ body }) => (body as { event: string }).event);

    it("rings of a background process at most once an interval, and not at all after three that had more", async () => {
      const workspace = await machineWith(["curl"]);
      const { url, heard } = await doorbell(servers, 204);
      const command = "for i in $(seq 1 60); do echo hit $i; sleep 0.1; done; echo over; sleep 0.3";
      const job = jobOf(command, { url, watchPatterns: ["hit"], watchSeconds: 1, notifies: true });
      const startedAt = performance.now();
      await startJob(workspace, job, { waitMs: 0 });
      await lookAtJob(workspace, job.id, { waitMs: 60_000 });
      const seconds = (performance.now() - startedAt) / 1000;
      await until(() => eventsOf(heard).includes("ended"));
      expect(eventsOf(heard).slice(0, -1)).toEqual(["matched", "matched", "matched"].slice(0, Math.ceil(seconds)));
      expect(heard[0]?.body).toEqual({ event: "matched", number: 1, line: "hit 1" });
      expect(heard.at(-1)?.body).toEqual({ event: "ended", number: 4, line: "" });
    });

    it("rings of a command that somebody waits for go on", async () => {
      const workspace = await machineWith(["curl"]);
      const { url, heard } = await doorbell(servers, 204);
      const command = "until [ -e enough ]; do echo hit; sleep 0.1; done";
      const job = jobOf(command, { url, watchPatterns: ["hit"], watchSeconds: 1 });
      await startJob(workspace, job, { waitMs: 0 });
      await until(() => heard.length === 4);
      await workspace.run(": > enough", { timeoutMs });
      await until(() => eventsOf(heard).includes("ended"));
      expect(eventsOf(heard).slice(0, 4)).toEqual(["matched", "matched", "matched", "matched"]);
    });
  });
});

describe("whether a job can ring", () => {
  const listed = parseEgress("*.on.aws, 10.0.0.0/8");
  it.each([
    ["into a spool", { spool: "/spool", network: parseEgress("0") }, "https://a.on.aws", true],
    ["over an open network", {}, "https://a.on.aws", true],
    ["without a network", { network: parseEgress("0") }, "https://a.on.aws", false],
    ["by a list that names us", { network: listed }, "https://a.on.aws", true],
    ["by a list that does not", { network: listed }, "https://talaria.example.org", false],
    ["from another machine to the embedded cloud", {}, "http://127.0.0.1:4010", false],
  ])("%s", (_name, machine, url, expected) => {
    expect(canRing(machine, `${url}/shell/jobs/job_1`)).toBe(expected);
  });
});

describe("a machine that cannot have jobs", () => {
  it.each(["flock", "setsid"])("says what is missing: %s", async (program) => {
    const workspace = await machineWith([], [program]);
    await expect(startJob(workspace, jobOf("true"), { waitMs: 1_000 })).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining(`\`${program}\``),
    });
  });

  it("says that it ends every process with its command", async () => {
    const workspace = await (await backendOf(justBashRunner())).acquire("simulated");
    await expect(startJob(workspace, jobOf("true"), { waitMs: 1_000 })).rejects.toMatchObject({ kind: "refused" });
  });

  it("says that a job's files could not be written", async () => {
    const folder = await newFolder();
    const workspace = await hostRunner().open(join(folder, "full"));
    await mkdir(join(folder, "full", ".talaria"), { recursive: true });
    await writeFile(join(folder, "full", ".talaria", "jobs"), "a file in the way");
    await expect(startJob(workspace, jobOf("true"), { waitMs: 1_000 })).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("could not be written"),
    });
  });
});

describe("starting a job again", () => {
  it("is looking at it: the command runs once", async () => {
    const workspace = await (await backendOf(hostRunner())).acquire("again");
    const job = jobOf("echo ran >> runs; sleep 30");
    await startJob(workspace, job, { waitMs: 200 });
    expect((await startJob(workspace, job, { waitMs: 0 })).status).toBe("running");
    await killJob(workspace, job.id);
    expect((await workspace.run("cat runs", { timeoutMs })).output).toBe("ran\n");
  });
});

describe.each(runners)("an output without an end on $name", (runner) => {
  const megabytes = () => process.memoryUsage.rss() / 1e6;

  it("ends its command with a clear error, in flat memory and five megabytes of the disk", async () => {
    const before = megabytes();
    const folder = await newFolder();
    const workspace = await runner.open(join(folder, "flood"));
    const job = jobOf("cd /tmp; yes | head -c 10000000000; echo not reached");
    const look = await startJob(workspace, job, { waitMs: 60_000 });
    expect(look).toMatchObject({ status: "ended", exitCode: 153, flooded: true, timedOut: false, cwd: undefined });
    expect(troubleOf(look)).toMatch(/ended with everything it started, since it had written more than 1 GB/);
    expect(look.output.head).toMatch(/^y\ny\n/);
    expect(look.output.tail).not.toContain("reached");
    expect(look.output.totalBytes).toBeGreaterThan(floodBytes);
    expect(look.output.totalBytes).toBeLessThan(10_000_000_000);
    expect((await stat(join(folder, "flood", ".talaria", "jobs", job.id, "output"))).size).toBeLessThan(6_500_000);
    expect(megabytes() - before).toBeLessThan(80);
    await rm(folder, { recursive: true });
  }, 90_000);

  it.skipIf(runner !== runners[0])(
    "ends what does not hear of it, and what left its group",
    async () => {
      const workspace = await runner.open(join(await newFolder(), "deaf"));
      const beats = "while sleep 0.1; do echo >> beats; done";
      const job = jobOf(`trap '' TERM; setsid bash -c "trap '' TERM; ${beats}" & yes`);
      expect(await startJob(workspace, job, { waitMs: 60_000 })).toMatchObject({ exitCode: 153, flooded: true });
      const beatsAfter = async (seconds: number) =>
        Number((await workspace.run(`sleep ${seconds}; wc -l < beats`, { timeoutMs })).output);
      const counted = await beatsAfter(0);
      expect(counted).toBeGreaterThan(0);
      expect(await beatsAfter(0.5)).toBe(counted);
    },
    90_000,
  );
});
