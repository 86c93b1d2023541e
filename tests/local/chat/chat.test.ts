import { spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { repositoryRoot } from "../../../local/cloud/repository-root.ts";
import { startInstance, type Instance } from "../../../local/instance.ts";
import { startModelServer, type Brain, type ModelServer } from "../../fakes/model-server.ts";
import { startFakeServer } from "../../fakes/platform-server.ts";
import { eventually } from "../cloud/support.ts";

// Whole agents are started, some twice, beside whatever else is going on.
vi.setConfig({ testTimeout: 60_000 });

const brain: Brain = ({ messages }) => {
  const said = messages.findLast(({ role }) => role === "user");
  const text = said?.role === "user" ? said.text : "";
  if (text === "endless") return { text: "On and on it goes. ".repeat(500), chunkSize: 8, delayMs: 50 };
  if (text === "paint") return { text: "\u001b[31mred\u001b[0m and a bell \u0007, with\ttab" };
  return { text: `You said: ${text}` };
};

let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer(brain);
});
afterAll(() => model.close());

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "talaria-chat-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `npm run chat` without a terminal. */
function startChat(dataFolder: string, port: number | string = 0) {
  const child = spawn(process.execPath, [join(repositoryRoot, "local/chat.ts")], {
    cwd: dataFolder,
    env: {
      PATH: process.env["PATH"],
      PORT: String(port),
      TALARIA_DATA: dataFolder,
      OPENAI_BASE_URL: model.openaiUrl,
      OPENAI_API_KEY: "sk-scripted",
      TALARIA_MODEL: "openai/scripted",
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (ended.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (ended.stderr += text));
  const end = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ ...ended, code })));
  return { child, ended, end };
}

function chat(input: string, dataFolder = temporaryFolder(), port: number | string = 0): Promise<Ended> {
  const { child, end } = startChat(dataFolder, port);
  child.stdin.end(input);
  return end;
}

describe("the chat in a pipe", () => {
  it("prints the answer and nothing else, and ends well", async () => {
    expect(await chat("what is 2+2\n")).toEqual({ code: 0, stdout: "You said: what is 2+2\n", stderr: "" });
  });

  it("takes line after line, each when the one before has its answer, until the end or /exit", async () => {
    const { code, stdout } = await chat("one\n\ntwo\n/exit\nthree\n");
    expect([code, stdout]).toEqual([0, "You said: one\nYou said: two\n"]);
  });

  it("ends well when nothing is said", async () => {
    expect(await chat("")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("lets a reply steer no terminal", async () => {
    expect((await chat("paint")).stdout).toBe("[31mred[0m and a bell , with\ttab\n");
  });

  it("stops the reply at Ctrl-C, and can go on", async () => {
    const { child, ended, end } = startChat(temporaryFolder());
    const asked = model.requests.length;
    child.stdin.write("endless\n");
    await eventually("the model is asked", () => model.requests.length > asked);
    child.kill("SIGINT");
    await eventually("the reply is stopped", () => ended.stdout.includes("Stopped."));
    child.stdin.end("after that\n");
    expect(await end).toEqual({ code: 0, stdout: "Stopped.\nYou said: after that\n", stderr: "" });
  });

  it("ends at a second Ctrl-C", async () => {
    const { child, end } = startChat(temporaryFolder());
    const asked = model.requests.length;
    child.stdin.write("endless\n");
    await eventually("the model is asked", () => model.requests.length > asked);
    await eventually("it ends", () => {
      child.kill("SIGINT");
      return child.exitCode !== null;
    });
    expect(await end).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("says in a sentence why a message was not accepted, and fails", async () => {
    const { code, stdout, stderr } = await chat("x".repeat(100_001));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^Talaria could not do it: The message was not accepted\. .*text: .+\n$/);
  });

  it("leaves another program on the port alone, also where an agent was killed", async () => {
    const server = await startFakeServer({ operationOf: () => "any", answer: () => ({ status: 200, body: {} }) });
    onTestFinished(() => server.close());
    const { port } = new URL(server.url);
    const dataFolder = temporaryFolder();
    expect(await chat("hello", dataFolder, port)).toMatchObject({ code: 0, stdout: "You said: hello\n" });
    const pid = 2 ** 22 + 1;
    writeFileSync(join(dataFolder, "lock.json"), JSON.stringify({ pid }));
    const awsEnvironment = { TALARIA_SHELL_URL: server.url };
    writeFileSync(join(dataFolder, "cloud.json"), JSON.stringify({ pid, awsEnvironment, profile: "main" }));
    expect(await chat("again", dataFolder, port)).toMatchObject({ code: 0, stdout: "You said: again\n" });
    expect(server.calls).toEqual([]);
  });
});

describe("the chat beside a running agent", () => {
  let instance: Instance;
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-chat-running-"));

  beforeAll(async () => {
    const overrides = { OPENAI_BASE_URL: model.openaiUrl, OPENAI_API_KEY: "sk-scripted", TALARIA_MODEL: "openai/s" };
    instance = await startInstance({ dataFolder, port: 0, overrides });
  });
  afterAll(async () => {
    await instance.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  it("talks with it wherever it listens, and goes on where the chat before ended", async () => {
    expect((await chat("first", dataFolder)).stdout).toBe("You said: first\n");
    expect((await chat("second", dataFolder)).stdout).toBe("You said: second\n");
    expect(model.requests.at(-1)?.messages.map((message) => "text" in message && message.text)).toEqual([
      "first",
      "You said: first",
      "second",
    ]);
  });

  it("says who has the data folder when that one cannot be asked", async () => {
    const announced = join(dataFolder, "cloud.json");
    renameSync(announced, `${announced}.aside`);
    onTestFinished(() => renameSync(`${announced}.aside`, announced));
    const { code, stderr } = await chat("hello", dataFolder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Talaria could not do it: The data folder .* is in use by process \d+\./);
  });
});
