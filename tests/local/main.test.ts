import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { mountSmallDisk, smallDiskMissing } from "../support/small-disk.ts";

const main = new URL("../../local/main.ts", import.meta.url).pathname;

const missing = smallDiskMissing();
if (missing !== undefined) console.log(`skipped: npm start on a full disk, since ${missing}`);

/** Runs `npm start` in a folder with this `.env` until it is ready, ends it with Ctrl-C, and returns what it printed. */
async function bannerOfStart(dotEnv: string, environment: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "talaria-main-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, ".env"), dotEnv);
  const env = { PATH: process.env["PATH"] ?? "", PORT: "0", ...environment };
  const child = spawn(process.execPath, [main], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let printed = "";
  for await (const chunk of child.stdout.setEncoding("utf8") as AsyncIterable<string>) {
    printed += chunk;
    if (chunk.includes("Ctrl-C")) child.kill("SIGINT");
  }
  expect(await ended).toBe(0);
  return printed;
}

describe("npm start", () => {
  it("reads .env, lets the environment win over it, and takes an empty value for none", async () => {
    const dotEnv = [
      "TALARIA_MODEL=openai/from-the-file",
      "OPENAI_API_KEY=sk-from-the-file",
      "TALARIA_ALLOWED_USERS=telegram:1",
      "TELEGRAM_BOT_TOKEN=1:from-the-file",
      "TELEGRAM_API_ROOT=http://127.0.0.1:9",
      "SLACK_BOT_TOKEN=xoxb-from-the-file",
      "TALARIA_WEBHOOK_SECRET=",
    ].join("\n");
    const printed = await bannerOfStart(dotEnv, { TALARIA_MODEL: "openai/from-the-environment", SLACK_BOT_TOKEN: "" });
    expect(printed).toContain("openai/from-the-environment");
    expect(printed).toContain("users  telegram:1");
    expect(printed).toContain("telegram (long polling)");
    // The secret is empty in .env: the one that is kept in the data folder counts.
    expect(printed).toContain("webhook (/webhooks/webhook)");
    expect(printed).not.toContain("slack");
  });

  it("does not start when a setting of its own is to be passed to commands", async () => {
    const folder = mkdtempSync(join(tmpdir(), "talaria-main-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const startWith = (names: string) =>
      spawnSync(process.execPath, [main], {
        cwd: folder,
        env: { PATH: process.env["PATH"] ?? "", PORT: "0", TALARIA_PASSTHROUGH: names },
        encoding: "utf8",
      });
    for (const name of ["OPENAI_API_KEY", "SLACK_APP_TOKEN"])
      expect(startWith(`GITHUB_TOKEN,${name}`)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(`passthrough names ${name}, which Talaria itself is set up with`),
      });
    expect(startWith("LD_PRELOAD").stderr).toContain(
      "TALARIA_PASSTHROUGH: “LD_PRELOAD” is the shell's or Talaria's own",
    );
  });

  it("does not start with a network rule that the shell cannot keep", () => {
    const folder = mkdtempSync(join(tmpdir(), "talaria-main-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const startWith = (shell: string, network: string) =>
      spawnSync(process.execPath, [main], {
        cwd: folder,
        env: {
          PATH: process.env["PATH"] ?? "",
          PORT: "0",
          TALARIA_SHELL: shell,
          TALARIA_SHELL_NETWORK: network,
        },
        encoding: "utf8",
        timeout: 30_000,
      });
    expect(startWith("docker", "pypi.org")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("The shell “docker” cannot keep TALARIA_SHELL_NETWORK=pypi.org"),
    });
    expect(startWith("local", "pypi.org:443")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("“pypi.org:443” names a port"),
    });
  });

  it.skipIf(missing !== undefined)(
    "says that the disk is full and ends, when it has kept nothing before",
    () => {
      const disk = mountSmallDisk(1);
      onTestFinished(() => disk.remove());
      disk.fill();
      const env = { PATH: process.env["PATH"] ?? "", PORT: "0", TALARIA_DATA: disk.folder };
      const { status, stderr } = spawnSync(process.execPath, [main], {
        cwd: tmpdir(),
        env,
        encoding: "utf8",
        timeout: 30_000,
      });
      expect(stderr).toMatch(
        /^Talaria could not do it: The disk of .* is full\. Free some space, then start again\.\n$/,
      );
      expect(status).toBe(1);
    },
    60_000,
  );
});
