import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Brain, SeenRequest } from "../fakes/model-server.ts";
import { bubblewrapHere } from "../core/shells/runners.ts";
import { startAgent, until, type TestAgent } from "../support/agent.ts";

let agent: TestAgent;
let brain: Brain = () => ({ text: "Hello." });

beforeAll(async () => {
  agent = await startAgent((request) => brain(request), { settings: { TALARIA_INLINE_SECONDS: "0.2" } });
});
afterAll(() => agent.close());
beforeEach(async () => {
  agent.telegram.messages.length = 0;
  agent.model.requests.length = 0;
});

const conversation = "main:telegram::direct:42::";
const texts = () => agent.telegram.messages.map((message) => message.text);
const idle = () =>
  until("the end of the turn", async () => (await agent.store.leases.current(conversation))?.held === false);
const parked = () =>
  until("a turn that waits", async () => {
    const lease = await agent.store.leases.current(conversation);
    return lease?.isParked && (await agent.store.leases.wake(conversation));
  });
const lastResult = ({ messages }: SeenRequest) => {
  const last = messages.at(-1);
  return last?.role === "tool" ? last.content : undefined;
};
/** Asks for one tool call, then answers with what came back. */
const calling =
  (name: string, args: object): Brain =>
  (request) => {
    const result = lastResult(request);
    return result === undefined ? { toolCalls: [{ name, arguments: args }] } : { text: `Result: ${result}` };
  };

describe("a question to the person", () => {
  const asking = calling("clarify", { question: "Red or blue?", choices: ["red", "blue"] });

  it("waits without a function and goes on with the answer", async () => {
    brain = asking;
    await agent.say("paint it");
    await parked();
    expect(texts().join("\n")).toContain("Red or blue?");
    const before = agent.model.requests.length;
    await agent.say("blue");
    await idle();
    expect(texts().at(-1)).toContain('{"answer":"blue"}');
    expect(agent.model.requests.length).toBe(before + 1);
    const step = (await agent.store.steps.from((await agent.store.leases.current(conversation))?.session ?? "", 0)).at(
      -2,
    );
    expect(step).toMatchObject({ status: "closed", results: [{ content: '{"answer":"blue"}' }] });
    expect(step?.waitedMs).toBeGreaterThan(0);
  });

  it("answers a command meanwhile and goes on waiting", async () => {
    brain = asking;
    await agent.say("paint it");
    await parked();
    await agent.say("/status");
    await until("the status", () => texts().some((text) => text.includes("model calls")));
    await parked();
    await agent.say("2");
    await idle();
    expect(texts().at(-1)).toContain('{"answer":"blue"}');
  });

  it("ends when the person says stop", async () => {
    brain = asking;
    await agent.say("paint it");
    await parked();
    await agent.say("stop");
    await idle();
    expect(texts().at(-1)).toBe("Stopped.");
  });
});

describe.skipIf(!(await bubblewrapHere()))("a long command", () => {
  const file = "/workspace/go";
  const running = (extra = {}) =>
    calling("terminal", {
      command: `rm -f ${file}; until [ -e ${file} ]; do sleep 0.05; done; echo finished`,
      ...extra,
    });
  /** Lets the command end, from outside. */
  const release = () => {
    const [workspace] = readdirSync(join(agent.dataFolder, "workspaces")).filter((name) => !name.startsWith("."));
    writeFileSync(join(agent.dataFolder, "workspaces", workspace ?? "", "go"), "");
  };

  it("waits without a function, and its result comes when it rings", async () => {
    brain = running();
    await agent.say("build it");
    await parked();
    release();
    await idle();
    expect(texts().at(-1)).toContain("finished");
  });

  it("goes on in the background when the person says something else, and tells when it ends", async () => {
    brain = (request) => {
      const said = request.messages.findLast(({ role }) => role === "user");
      const text = said?.role === "user" ? said.text : "";
      if (text.includes("has ended with exit code 0")) return { text: "It is built." };
      if (text.includes("and the cat")) return { text: `The cat is fine. ${lastResult(request) ?? ""}` };
      return running()(request);
    };
    await agent.say("build it");
    await parked();
    await agent.say("and the cat?");
    await idle();
    expect(texts().at(-1)).toContain("The cat is fine.");
    release();
    await until("the news", () => texts().at(-1)?.includes("It is built."));
    await idle();
    expect(agent.model.requests.at(-1)?.messages.at(-1)).toMatchObject({
      role: "user",
      text: expect.stringContaining("finished"),
    });
  });

  it("shows the lines that were asked for while it runs, and goes on", async () => {
    const command = `rm -f ${file}; echo "step 1 done"; until [ -e ${file} ]; do sleep 0.05; done; echo finished`;
    brain = calling("terminal", { command, watch_patterns: ["step "] });
    await agent.say("build it");
    await until("a line of progress", () => texts().includes("step 1 done"));
    release();
    await idle();
    expect(texts().at(-1)).toContain("finished");
  });

  it("is killed when the person says stop", async () => {
    brain = running();
    await agent.say("build it");
    await parked();
    await agent.say("stop");
    await idle();
    expect(texts().at(-1)).toBe("Stopped.");
    const { session } = (await agent.store.leases.current(conversation)) ?? {};
    const steps = await agent.store.steps.from(session ?? "", 0);
    expect(JSON.stringify(steps.at(-2))).toMatch(/130|killed/);
  });
});
