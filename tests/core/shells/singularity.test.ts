import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShellBackend } from "../../../core/shells/shell.ts";
import { singularity } from "../../../core/shells/singularity.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { type FakeApptainer, writeApptainer } from "../../fakes/apptainer.ts";
import { sandboxMissing } from "../../fakes/bubblewrap-container.ts";
import { type SshServer, sshdMissing, startSshServer } from "../../fakes/ssh-server.ts";
import { shellPorts } from "../../support/shell-ports.ts";
import { newFolder } from "./runners.ts";

const reason = sshdMissing() ?? sandboxMissing();
if (reason !== undefined) console.log(`skipped: singularity on its stand-in, since ${reason}`);

const timeoutMs = 15_000;

interface Cluster {
  server: SshServer;
  apptainer: FakeApptainer;
  connect(changes?: Record<string, string>): Promise<ShellBackend>;
}

const clusters: Cluster[] = [];
afterAll(async () => {
  for (const { server, apptainer } of clusters) {
    await apptainer.stopAll();
    await server.close();
  }
});

async function newCluster(): Promise<Cluster> {
  const apptainer = await writeApptainer(await newFolder());
  const image = join(apptainer.folder, "image.sif");
  await writeFile(image, "");
  const server = await startSshServer({ programs: apptainer.folder });
  const settings = { ...server.settings, TALARIA_SINGULARITY_IMAGE: image };
  const connect = (changes = {}) => singularity.connect({ ...settings, ...changes }, shellPorts());
  clusters.push({ server, apptainer, connect });
  return { server, apptainer, connect };
}

if (reason === undefined) shellSuite("singularity", async () => (await newCluster()).connect());

describe.skipIf(reason !== undefined)("an instance", () => {
  let cluster: Cluster;
  let backend: ShellBackend;
  beforeAll(async () => {
    cluster = await newCluster();
    backend = await cluster.connect();
  });

  it("is started again after the machine was, with the files that it had", async () => {
    await (await backend.acquire("restarted")).run("echo kept > file", { timeoutMs });
    await cluster.apptainer.stopAll();
    expect((await (await backend.acquire("restarted")).run("cat file", { timeoutMs })).output).toBe("kept\n");
  });

  it("of an image that is not there is a failure with the program's words", async () => {
    const without = await cluster.connect({ TALARIA_SINGULARITY_IMAGE: "/nowhere.sif" });
    await expect(without.acquire("any")).rejects.toMatchObject({
      kind: "retryable",
      message: expect.stringContaining("could not open image /nowhere.sif"),
    });
    await without.close?.();
  });

  it("is stopped by hibernate, which does nothing the second time", async () => {
    await (await backend.acquire("sleeps")).run("setsid sleep 300 >/dev/null 2>&1 &", { timeoutMs, outlives: true });
    await backend.hibernate?.("sleeps");
    await backend.hibernate?.("sleeps");
    const { output } = await (
      await backend.acquire("sleeps")
    ).run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '", { timeoutMs });
    expect(output).not.toContain("sleep 300");
  });
});

describe("the singularity shell", () => {
  it("refuses to start without an image", async () => {
    await expect(singularity.connect({}, shellPorts())).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("TALARIA_SINGULARITY_IMAGE"),
    });
  });
});

describe.skipIf(sshdMissing() !== undefined)("a machine without the program", () => {
  it("is a failure that says so", async () => {
    const server = await startSshServer();
    const backend = await singularity.connect(
      { ...server.settings, TALARIA_SINGULARITY_IMAGE: "/any.sif" },
      shellPorts(),
    );
    await expect(backend.acquire("any")).rejects.toMatchObject({
      message: expect.stringContaining("neither apptainer"),
    });
    await backend.close?.();
    await server.close();
  });
});
