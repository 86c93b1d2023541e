import { mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { newId } from "../../core/base/ids.ts";
import { silentLog } from "../../core/base/log.ts";
import { startJob } from "../../core/shells/jobs/jobs.ts";
import { sideFolderOf } from "../../core/shells/local/runner.ts";
import { watchSpools } from "../../local/shell-spool.ts";
import { bubblewrapHere, newFolder } from "../core/shells/runners.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300 && !(await isTrue()); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await isTrue()).toBe(true);
}

/** The instance's side: a server that answers with these codes, the last one again and again. */
async function doorbells(...codes: number[]) {
  const heard: { path: string | undefined; method: string | undefined; body: unknown }[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString() || "null") as unknown;
      heard.push({ path: request.url, method: request.method, body });
      const code = codes[Math.min(heard.length, codes.length) - 1] ?? 204;
      response.writeHead(code, code === 302 ? { location: "/elsewhere" } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

/** A workspace that was used before, with its spool. */
async function spoolOf(workspaces: string, workspace = "one"): Promise<string> {
  const { spool } = sideFolderOf(join(workspaces, workspace));
  await mkdir(spool, { recursive: true });
  return spool;
}

async function put(spool: string, name: string, content: unknown): Promise<void> {
  await writeFile(join(spool, `.${name}`), typeof content === "string" ? content : JSON.stringify(content));
  await rename(join(spool, `.${name}`), join(spool, name));
}

function watching(workspaces: string, url: string) {
  const watched = watchSpools({ workspaces, url, log: silentLog });
  cleanUps.push(() => watched.close());
  return watched;
}

const body = { event: "ended", number: 1, line: "" };

describe("the rings of local workspaces", () => {
  it("are passed on and then removed", async () => {
    const { url, heard } = await doorbells(204);
    const workspaces = await newFolder();
    const spool = await spoolOf(workspaces);
    watching(workspaces, url);
    await put(spool, "job_a.1.json", { url: `${url}/shell/jobs/job_a`, body });
    await until(() => heard.length === 1);
    expect(heard).toEqual([{ path: "/shell/jobs/job_a", method: "POST", body }]);
    await until(async () => (await readdir(spool)).length === 0);
  });

  it("are found in a workspace that is new, and in one from before a restart", async () => {
    const { url, heard } = await doorbells(204);
    const workspaces = await newFolder();
    await put(await spoolOf(workspaces, "old"), "job_old.1.json", { url: `${url}/shell/jobs/job_old`, body });
    watching(workspaces, url);
    await until(() => heard.length === 1);
    await put(await spoolOf(workspaces, "new"), "job_new.1.json", { url: `${url}/shell/jobs/job_new`, body });
    await until(() => heard.length === 2);
    expect(heard.map(({ path }) => path)).toEqual(["/shell/jobs/job_old", "/shell/jobs/job_new"]);
  });

  it.each([404, 500, 302])("are tried again when they were not taken: %i", async (code) => {
    const { url, heard } = await doorbells(code, 204);
    const workspaces = await newFolder();
    const spool = await spoolOf(workspaces);
    watching(workspaces, url);
    await put(spool, "job_a.1.json", { url: `${url}/shell/jobs/job_a`, body });
    await until(() => heard.length === 2);
    expect(heard.map(({ path }) => path)).toEqual(["/shell/jobs/job_a", "/shell/jobs/job_a"]);
    await until(async () => (await readdir(spool)).length === 0);
  });

  it("are dropped when nobody wants them any more", async () => {
    const { url, heard } = await doorbells(410);
    const workspaces = await newFolder();
    const spool = await spoolOf(workspaces);
    watching(workspaces, url);
    await put(spool, "job_a.1.json", { url: `${url}/shell/jobs/job_a`, body });
    await until(async () => (await readdir(spool)).length === 0);
    expect(heard).toHaveLength(1);
  });

  it("cannot make us call anything else", async () => {
    const { url, heard } = await doorbells(204);
    const other = await doorbells(204);
    const workspaces = await newFolder();
    const spool = await spoolOf(workspaces);
    const bad = [`${url}/webhooks/x`, `${url}/shell/jobs/../../x`, `${url}/shell/jobs/a/b`, `${other.url}/x`].concat([
      `${url}/shell/jobs/a%2fb`,
      `${url}/shell/jobs/`,
      "file:///etc/passwd",
      "no address",
    ]);
    await Promise.all(bad.map((address, index) => put(spool, `job_a.${index}.json`, { url: address, body })));
    // Only the job of an address counts, since our port may be another one after a restart.
    await put(spool, "job_b.1.json", { url: `${other.url.replace("//", "//user@")}/shell/jobs/job_b?x=1`, body });
    watching(workspaces, url);
    await until(async () => (await readdir(spool)).length === 0);
    expect(heard.map(({ path }) => path)).toEqual(["/shell/jobs/job_b"]);
    expect(other.heard).toEqual([]);
  });

  it("are not mistaken in what else lies there", async () => {
    const { url, heard } = await doorbells(204);
    const workspaces = await newFolder();
    const spool = await spoolOf(workspaces);
    const secret = join(workspaces, "secret.json");
    await writeFile(secret, JSON.stringify({ url: `${url}/shell/jobs/stolen`, body }));
    await symlink(secret, join(spool, "job_link.1.json"));
    await mkdir(join(spool, "job_folder.1.json"));
    await promisify(execFile)("mkfifo", [join(spool, "job_fifo.1.json")]);
    await put(spool, "job_none.1.json", "no JSON");
    await put(spool, "job_long.1.json", { url: `${url}/shell/jobs/a`, body: { line: "x".repeat(10_000) } });
    await put(spool, "not-a-ring", { url: `${url}/shell/jobs/a`, body });
    watching(workspaces, url);
    await put(spool, "job_real.1.json", { url: `${url}/shell/jobs/real`, body });
    await until(() => heard.length === 1);
    await until(async () => !(await readdir(spool)).some((name) => /none|long|real/.test(name)));
    expect(heard.map(({ path }) => path)).toEqual(["/shell/jobs/real"]);
    expect((await readdir(spool)).sort()).toEqual([
      "job_fifo.1.json",
      "job_folder.1.json",
      "job_link.1.json",
      "not-a-ring",
    ]);
  });

  it("come from a real job in a sandbox without a network", async () => {
    const runner = await bubblewrapHere();
    if (runner === undefined) return;
    const { url, heard } = await doorbells(404, 204);
    const workspaces = await newFolder();
    const workspace = await runner.open(join(workspaces, "real"));
    watching(workspaces, url);
    const id = newId("job");
    const job = { id, url: `${url}/shell/jobs/${id}`, command: "sleep 0.2", session: "s", savesSession: false };
    await startJob(workspace, { ...job, timeoutMs: 60_000, label: "rings" }, { waitMs: 0 });
    await until(() => heard.length === 2);
    expect(heard[1]).toEqual({ path: `/shell/jobs/${id}`, method: "POST", body });
  });

  it("wait for the next start when we stop", async () => {
    const { url, heard } = await doorbells(204);
    const workspaces = await newFolder();
    const spool = await spoolOf(workspaces);
    await watchSpools({ workspaces, url, log: silentLog }).close();
    await put(spool, "job_a.1.json", { url: `${url}/shell/jobs/job_a`, body });
    expect(heard).toEqual([]);
    watching(workspaces, url);
    await until(() => heard.length === 1);
  });
});
