import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTalariaOptions, saidBy } from "../../cli/talaria/options.ts";
import { repositoryRoot } from "../../local/cloud/repository-root.ts";
import { startInstance, type Instance } from "../../local/instance.ts";
import { startModelServer, type Brain, type ModelServer } from "../fakes/model-server.ts";

/** Asks about colours, and repeats what else it is told. */
const brain: Brain = ({ messages }) => {
  const last = messages.at(-1);
  const text = last?.role === "user" ? last.text : last?.role === "tool" ? last.content : "";
  if (text === "paint it")
    return { toolCalls: [{ name: "clarify", arguments: { question: "Which colour?", choices: ["Red", "Blue"] } }] };
  return { text: `I read: ${text}` };
};

let dataFolder: string;
let model: ModelServer;
beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "talaria-command-"));
  model = await startModelServer(brain);
});
afterAll(async () => {
  await model.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

/** Moves the clock by TALARIA_TIME_SHIFT_MS. */
const timeShift = join(repositoryRoot, "tests/faults/time-shift.ts");

function talaria(words: string[], settings: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--import", timeShift, join(repositoryRoot, "cli/talaria.ts"), ...words], {
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

describe("the words of the command line", () => {
  it("become a chat command when they begin with the name of one, and else are said as they are", () => {
    const said = {
      "curator diff 2": "/curator diff 2",
      "/curator status": "/curator status",
      "Memory list": "/Memory list",
      "learn https://example.com": "/learn https://example.com",
      "/tea for two": "/tea for two",
      yes: "yes",
      "2": "2",
      "the blue one": "the blue one",
      "say new plans": "new plans",
      "say /new": "/new",
    };
    for (const [words, text] of Object.entries(said)) expect(saidBy(words.split(" "))).toBe(text);
    for (const words of [[], [" "], ["say"], ["say", " "]]) expect(saidBy(words)).toBeUndefined();
  });

  it("begin where the options of the program end", () => {
    const none = { stage: undefined, help: false };
    expect(readTalariaOptions(["--stage", "dev", "status"])).toEqual({ words: ["status"], stage: "dev", help: false });
    expect(readTalariaOptions(["skills", "import", "URL", "--force"])).toEqual({
      ...none,
      words: ["skills", "import", "URL", "--force"],
    });
    expect(readTalariaOptions(["status", "--stage", "dev", "-h"])).toEqual({
      ...none,
      words: ["status", "--stage", "dev", "-h"],
    });
    expect(readTalariaOptions(["--", "--dashes"])).toEqual({ ...none, words: ["--dashes"] });
    expect(readTalariaOptions(["--help"])).toEqual({ ...none, words: [], help: true });
    expect(() => readTalariaOptions(["--stage", "a b", "status"])).toThrow("--stage");
    expect(() => readTalariaOptions(["--force", "skills"])).toThrow(/--force.*--help says/);
  });
});

describe("npm run talaria, with an agent of its own", () => {
  it("prints what a chat command answers, and never asks the model", async () => {
    expect(await talaria(["whoami"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("web:owner") as string,
    });
    expect(model.requests).toEqual([]);
  }, 60_000);

  it("explains itself when nothing is said, and fails with one line when there is no such deployment", async () => {
    expect(await talaria([])).toMatchObject({ code: 1, stdout: expect.stringContaining("curator status") as string });
    const { code, stderr } = await talaria(["--stage", "dev", "whoami"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Talaria could not do it: [^\n]+\n$/);
  });
});

describe("npm run talaria, beside an agent that runs", () => {
  let instance: Instance;
  const TALARIA_DATA = mkdtempSync(join(tmpdir(), "talaria-command-running-"));
  beforeAll(async () => {
    const overrides = { OPENAI_BASE_URL: model.openaiUrl, OPENAI_API_KEY: "sk-scripted", TALARIA_MODEL: "openai/s" };
    instance = await startInstance({ dataFolder: TALARIA_DATA, port: 0, overrides });
  });
  afterAll(async () => {
    await instance.close();
    rmSync(TALARIA_DATA, { recursive: true, force: true });
  });
  const said = (...words: string[]) => talaria(words, { TALARIA_DATA });

  it("prints what that one answers", async () => {
    expect(await said("/whoami")).toMatchObject({ code: 0, stdout: expect.stringContaining("web:owner") as string });
  });

  it.each(["60000", "-600000"])("prints that and no more when its own clock is another by %s ms", async (shiftMs) => {
    const { stdout } = await talaria(["/whoami"], { TALARIA_DATA, TALARIA_TIME_SHIFT_MS: shiftMs });
    expect(stdout).toMatch(/^[^\n]*web:owner[^\n]*\n$/);
  });

  it("says other words as they are: a question that it printed is answered by number, by label or freely", async () => {
    const answerTo = async (...words: string[]) => {
      expect((await said("paint", "it")).stdout).toContain("Which colour?");
      return (await said(...words)).stdout;
    };
    expect(await answerTo("2")).toContain('{"answer":"Blue"}');
    expect(await answerTo("red")).toContain('{"answer":"Red"}');
    expect(await answerTo("say", "new", "paint\nplease")).toContain(String.raw`{"answer":"new paint\nplease"}`);
    expect((await said("1")).stdout).toBe("I read: 1\n");
  }, 60_000);
});
