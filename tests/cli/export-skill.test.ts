import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openProfileSkills } from "../../cli/profile-skills.ts";
import { exportAskedBy, exportSkill } from "../../cli/talaria/export-skill.ts";
import { importSkill } from "../../core/skills/import.ts";
import { repositoryRoot } from "../../local/cloud/repository-root.ts";
import { startInstance, type Instance } from "../../local/instance.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { filesOf } from "../core/skills/skill-bench.ts";
import { operator } from "./support.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "talaria-export-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `npm run talaria` of a person who stands in `cwd`. */
function talaria(words: string[], { cwd, dataFolder }: { cwd: string; dataFolder: string }) {
  const child = spawn(process.execPath, [join(repositoryRoot, "cli/talaria.ts"), ...words], {
    cwd,
    env: { PATH: process.env["PATH"], PORT: "0", TALARIA_DATA: dataFolder },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
}

/** Every file below a folder, by its path, as text of its bytes. */
const contentOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "latin1")]),
  );

describe("skills export, of an agent of its own", () => {
  it("writes a shipped skill as it was shipped", async () => {
    const cwd = temporaryFolder();
    const { code, stdout } = await talaria(["skills", "export", "code-review", "out"], { cwd, dataFolder: cwd });
    const folder = join(cwd, "out", "code-review");
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${folder}: `)]);
    const shipped = readdirSync(join(repositoryRoot, "skills"), { recursive: true, encoding: "utf8" }).find((path) =>
      path.endsWith("/code-review"),
    );
    expect(contentOf(folder)).toEqual(contentOf(join(repositoryRoot, "skills", String(shipped))));
  }, 60_000);

  it("says what it wants to know", () => {
    expect(exportAskedBy(["skills", "list"])).toBeUndefined();
    expect(exportAskedBy(["/skills", "export", "tea"])).toEqual({ name: "tea", into: "." });
    for (const more of [[], ["tea", "a", "b"], ["tea", "--stage"]])
      expect(() => exportAskedBy(["skills", "export", ...more])).toThrow("skills export <name> [folder]");
  });
});

describe("skills export, of an agent that runs", () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-export-running-"));
  let instance: Instance;
  const skillsOf = (profile: string) =>
    openProfileSkills(
      {
        table: String(instance.cloud.awsEnvironment[resourceEnvironment.table]),
        bucket: String(instance.cloud.awsEnvironment[resourceEnvironment.bucket]),
        profile,
      },
      "person",
    );

  beforeAll(async () => {
    instance = await startInstance({ dataFolder, port: 0 });
    await instance.seeded;
    const files = filesOf("tea", {}, [
      { path: "assets/cup.bin", content: Uint8Array.of(0, 255, 13, 10) },
      { path: "references/water.md", content: "hot\r\n" },
      { path: "scripts/boil.py", content: "print('hot')\n" },
      { path: "assets/pour", content: "#!/bin/sh\n" },
    ]);
    await skillsOf("main").commit({ name: "tea", files, version: 0, reason: "a test" });
  }, 60_000);
  afterAll(async () => {
    await instance.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  it("writes every byte of its folder, and importing that gives the same skill", async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, "tea"));
    expect(await talaria(["skills", "export", "tea"], { cwd, dataFolder })).toMatchObject({ code: 0, stderr: "" });
    expect(contentOf(join(cwd, "tea"))).toMatchObject({
      "assets/cup.bin": "\0ÿ\r\n",
      "references/water.md": "hot\r\n",
    });
    const isExecutable = (path: string) => (statSync(join(cwd, "tea", path)).mode & 0o100) !== 0;
    expect(["scripts/boil.py", "assets/pour", "SKILL.md", "assets/cup.bin"].map(isExecutable)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    const exported = await skillsOf("main").find("tea");
    const { address, network } = await served(execFileSync("tar", ["-czC", cwd, "tea"]));
    // The scan doubts what is not text.
    expect(await importSkill(skillsOf("other"), address, { now: Date.now, network, force: true })).toMatchObject({
      ok: true,
      record: { revision: exported?.revision, files: exported?.files },
    });
  }, 60_000);

  it("leaves what is there already alone, and says when there is no such skill", async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, "tea"));
    writeFileSync(join(cwd, "tea", "mine.txt"), "mine");
    await expect(exportSkill(skillsOf("main"), { name: "tea", into: cwd })).rejects.toThrow("not an empty folder");
    expect(contentOf(join(cwd, "tea"))).toEqual({ "mine.txt": "mine" });
    writeFileSync(join(cwd, "file"), "");
    await expect(exportSkill(skillsOf("main"), { name: "none", into: cwd })).rejects.toThrow("no skill “none”");
  });

  it.skipIf(process.platform !== "linux")("leaves nothing behind when it cannot write all of it", async () => {
    const cwd = temporaryFolder();
    const files = filesOf("deep", {}, [{ path: `references/${"n".repeat(150)}.md`, content: "deep" }]);
    await skillsOf("main").commit({ name: "deep", files, version: 0, reason: "a test" });
    // A path may have 4,095 bytes: that of SKILL.md has room, the other does not.
    const into = join(cwd, ...Array<string>(15).fill("d".repeat(250)), "e".repeat(3_990 - 15 * 251 - cwd.length));
    mkdirSync(into, { recursive: true });
    await expect(exportSkill(skillsOf("main"), { name: "deep", into })).rejects.toThrow("ENAMETOOLONG");
    expect(readdirSync(into)).toEqual([]);
  });

  it("reads a deployment's store with the credentials of whoever deployed it", async () => {
    const { awsEnvironment } = instance.cloud;
    const person = operator('name: "talaria"');
    // The region is the deployment's.
    const { AWS_REGION: _, ...found } = awsEnvironment;
    Object.assign(person.environment, found);
    mkdirSync(join(person.folder, ".sst"));
    const outputs = {
      webhooks: "https://nobody.invalid/",
      turnMachine: "arn:aws:states:us-east-1:123456789012:stateMachine:talaria-dev-turn",
      table: awsEnvironment[resourceEnvironment.table],
      bucket: awsEnvironment[resourceEnvironment.bucket],
    };
    writeFileSync(join(person.folder, ".sst", "outputs.json"), JSON.stringify(outputs));
    const { code, printed } = await person.run("talaria", "--stage", "dev", "skills", "export", "tea");
    expect([code, printed]).toEqual([0, expect.stringContaining("SKILL.md")]);
    expect(Object.keys(contentOf(join(person.folder, "tea")))).toHaveLength(5);
    const { code: refusal } = await person.run("talaria", "--stage", "other", "skills", "export", "tea");
    expect(refusal).toBe(1);
  }, 60_000);
});

async function served(body: Uint8Array) {
  const server = createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const network = {
    resolve: async () => ["127.0.0.1"],
    mayContact: (target: { port: number }) => target.port === port,
  };
  return { address: `http://skills.example:${port}/tea.tar.gz`, network };
}
