import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { repositoryRoot } from "../../local/cloud/repository-root.ts";
import { startInstance } from "../../local/instance.ts";
import { eventually } from "./cloud/support.ts";
import { startModelServer, type Brain, type ModelServer } from "../fakes/model-server.ts";

/** What the model was asked and has not answered, and that it has answered the same another time. */
let isHanging = false;
let isAnswered = false;

const brain: Brain = async ({ messages }) => {
  const said = messages.findLast(({ role }) => role === "user");
  const text = said?.role === "user" ? said.text : "";
  if (text === "ask me")
    return {
      toolCalls: [{ name: "clarify", arguments: { question: "Which \u001b[7mone?", choices: ["Red", "Blue"] } }],
    };
  if (text === "paint") return { text: "\u001b[31mred\u001b[0m and a bell \u0007, with\ttab" };
  if (text === "hang once" && !isHanging) {
    isHanging = true;
    return new Promise(() => {});
  }
  isAnswered ||= text === "hang once";
  if (text === "after the other") {
    await eventually("the other is answered", () => isAnswered);
    // While this takes its steps, the other's reply is delivered.
    const isOver = messages.length > 20;
    return isOver ? { text: "Now I am." } : { toolCalls: [{ name: "read_file", arguments: { path: "nothing" } }] };
  }
  return { text: `You said: ${text}` };
};

let model: ModelServer;
let dataFolder: string;
beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), "talaria-say-"));
  model = await startModelServer(brain);
});
afterAll(async () => {
  await model.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

/** `npm start -- --say`, to its end. */
const say = (text: string, options: Parameters<typeof start>[1] = {}) => start(text, options).end;

function start(text: string, { json = false, folder = dataFolder } = {}) {
  const child = spawn(
    process.execPath,
    [join(repositoryRoot, "local/main.ts"), "--say", text, ...(json ? ["--json"] : [])],
    {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        PORT: "0",
        TALARIA_DATA: folder,
        OPENAI_BASE_URL: model.openaiUrl,
        OPENAI_API_KEY: "sk-scripted",
        TALARIA_MODEL: "openai/scripted",
      },
    },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (stdout += piece));
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (stderr += piece));
  const end = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
  return { child, end };
}

describe("npm start -- --say, with an agent of its own", () => {
  it("prints the reply, and then what the turn took", async () => {
    const { code, stdout } = await say("one\nand two", { json: true });
    const lines = stdout.trimEnd().split("\n");
    expect([code, lines.slice(0, -1)]).toEqual([0, ["You said: one", "and two"]]);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ turn: 1, steps: 1, tools: [], usage: { modelCalls: 1 } });
  });

  it("ends after a command that leaves the conversation in another session", async () => {
    expect(await say("/new")).toMatchObject({ code: 0, stdout: "A new session begins. The old one is kept.\n" });
    const log = readFileSync(join(dataFolder, "talaria.log"), "utf8");
    const session = /"event":"turn\.delivered".*"session":"(?<id>ses_\w+)"/.exec(log)?.groups?.["id"] ?? "";
    expect(await say(`/resume ${session}`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^We go on with the session of /) as string,
    });
  });

  it("lets a reply steer no terminal", async () => {
    expect(await say("paint")).toMatchObject({ code: 0, stdout: "[31mred[0m and a bell , with\ttab\n" });
  });

  it("prints nothing of a turn that an earlier one, which was killed, has left", async () => {
    const folder = mkdtempSync(join(tmpdir(), "talaria-say-again-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const killed = start("hang once", { folder });
    await eventually("the model is asked", () => isHanging);
    killed.child.kill("SIGKILL");
    await killed.end;
    expect(await say("after the other", { folder })).toEqual({ code: 0, stdout: "Now I am.\n", stderr: "" });
    expect(isAnswered).toBe(true);
  });

  it("prints a question and fails, since nobody can answer it", async () => {
    const { code, stdout, stderr } = await say("ask me");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/only a chat can answer.*\n.*Which \[7mone\?/);
  });
});

describe("npm start -- --say, beside an agent that runs", () => {
  it("is answered by that one, each time in a conversation of its own", async () => {
    const overrides = { OPENAI_BASE_URL: model.openaiUrl, OPENAI_API_KEY: "sk-scripted", TALARIA_MODEL: "openai/s" };
    await using _running = await runningInstance(overrides);
    expect(await say("first\nline")).toEqual({ code: 0, stdout: "You said: first\nline\n", stderr: "" });
    const { code, stdout } = await say("second", { json: true });
    const [reply, json = ""] = stdout.split("\n");
    expect([code, reply]).toEqual([0, "You said: second"]);
    expect(JSON.parse(json)).toMatchObject({ reply: "You said: second", turn: null, usage: null });
    expect(model.requests.at(-1)?.messages).toHaveLength(1);
    expect(await say("ask me")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Which [7mone?") as string,
    });
  }, 60_000);
});

async function runningInstance(overrides: Record<string, string>) {
  const instance = await startInstance({ dataFolder, port: 0, overrides });
  return { ...instance, [Symbol.asyncDispose]: () => instance.close() };
}
