import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDataFolder } from "../../../local/cloud/data-folder.ts";
import { processStart } from "../../../local/cloud/process-identity.ts";
import { temporaryFolder } from "./support.ts";

/** The number of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["--eval", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("the data folder", () => {
  it("is made when it is missing, with folders below", () => {
    const path = join(temporaryFolder(), "deep", "data");
    const folder = openDataFolder(path);
    expect(existsSync(folder.sub("s3"))).toBe(true);
    expect(folder.wasAbandoned).toBe(false);
    folder.release();
    expect(existsSync(join(path, "lock.json"))).toBe(false);
  });

  it("refuses a second holder and names the folder and the process", () => {
    const path = temporaryFolder();
    const folder = openDataFolder(path);
    expect(() => openDataFolder(path)).toThrow(
      expect.objectContaining({
        code: "cloud.folder-in-use",
        message: expect.stringMatching(new RegExp(`${path} is in use by process ${process.pid}\\.`)),
      }),
    );
    folder.release();
    openDataFolder(path).release();
  });

  it("takes over the lock of a process that is gone", async () => {
    const path = temporaryFolder();
    writeFileSync(join(path, "lock.json"), JSON.stringify({ pid: await deadProcess(), startedAt: "1" }));
    const folder = openDataFolder(path);
    expect(folder.wasAbandoned).toBe(true);
    expect(JSON.parse(readFileSync(join(path, "lock.json"), "utf8"))).toMatchObject({ pid: process.pid });
  });

  it.skipIf(processStart(process.pid) === undefined)(
    "takes over when another process has the number of the dead one (needs /proc)",
    () => {
      const path = temporaryFolder();
      writeFileSync(join(path, "lock.json"), JSON.stringify({ pid: process.pid, startedAt: "another start" }));
      expect(openDataFolder(path).wasAbandoned).toBe(true);
    },
  );

  it("takes over a lock that cannot be read", () => {
    const path = temporaryFolder();
    writeFileSync(join(path, "lock.json"), "");
    expect(openDataFolder(path).wasAbandoned).toBe(true);
  });

  it("goes to one of those who start at once after a crash, and each other is told who has it", async () => {
    const rivals = await Promise.all([0, 1, 2, 3].map(newRival));
    const dead = JSON.stringify({ pid: await deadProcess(), startedAt: "1" });
    for (let round = 0; round < 100; round += 1) {
      const path = temporaryFolder();
      writeFileSync(join(path, "lock.json"), dead);
      const outcomes = await Promise.all(rivals.map((take) => take(path)));
      expect(outcomes.sort()).toEqual([...Array(3).fill("cloud.folder-in-use"), "taken"]);
    }
  }, 30_000);
});

/** A process that takes data folders; says `taken` or why not. */
async function newRival(): Promise<(path: string) => Promise<string>> {
  const program = `
    const { openDataFolder } = await import(${JSON.stringify(new URL("../../../local/cloud/data-folder.ts", import.meta.url).href)});
    process.on("message", (path) => {
      try {
        openDataFolder(path);
        process.send("taken");
      } catch (error) {
        process.send(String(error.code));
      }
    });
    process.send("ready");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill());
  await once(child, "message");
  return async (path) => {
    const answer = once(child, "message");
    child.send(path);
    return String((await answer)[0]);
  };
}
