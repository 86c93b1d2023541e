import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chatLineOf, readTalariaOptions } from "../../cli/talaria/options.ts";
import { repositoryRoot } from "../../local/cloud/repository-root.ts";
import { startInstance, type Instance } from "../../local/instance.ts";
import { startModelServer, type ModelServer } from "../fakes/model-server.ts";

let dataFolder: string;
let model: ModelServer;
beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "talaria-command-"));
  model = await startModelServer(() => ({ text: "The model was asked." }));
});
afterAll(async () => {
  await model.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

function talaria(words: string[], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(repositoryRoot, "cli/talaria.ts"), ...words], {
    cwd: dataFolder,
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      TALARIA_DATA: dataFolder,
      OPENAI_BASE_URL: model.openaiUrl,
      OPENAI_API_KEY: "sk-scripted",
      TALARIA_MODEL: "openai/scripted",
      ...settings,
    },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
}

it("words become a chat command, whether or not they begin with its slash", () => {
  expect(chatLineOf(["curator", "diff", "2"])).toBe("/curator diff 2");
  expect(chatLineOf(["/curator", "status"])).toBe("/curator status");
  expect(chatLineOf([" "])).toBeUndefined();
  expect(readTalariaOptions(["--stage", "dev", "status"])).toEqual({ words: ["status"], stage: "dev", help: false });
  expect(() => readTalariaOptions(["--stage", "a b", "status"])).toThrow("--stage");
});

describe("npm run talaria", () => {
  it("prints what a chat command answers, from an agent of its own or the one that runs, and never asks the model", async () => {
    expect(await talaria(["whoami"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("web:owner") as string,
    });
    const instance: Instance = await startInstance({ dataFolder, port: 0 });
    try {
      const port = new URL(instance.cloud.url).port;
      expect(await talaria(["/whoami"], { PORT: port })).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("web:owner") as string,
      });
    } finally {
      await instance.close();
    }
    expect(model.requests).toEqual([]);
  }, 60_000);

  it("explains itself when nothing is said, and fails with one line when there is no such deployment", async () => {
    expect(await talaria([])).toMatchObject({ code: 1, stdout: expect.stringContaining("curator status") as string });
    const { code, stderr } = await talaria(["--stage", "dev", "whoami"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Talaria could not do it: [^\n]+\n$/);
  });
});
