import { GetExecutionHistoryCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../../core/conversation/message.ts";
import type { Brain, SeenRequest } from "../fakes/model-server.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { startAgent, until, type TestAgent } from "../support/agent.ts";

let agent: TestAgent;
let brain: Brain = () => ({ text: "Hello." });

beforeAll(async () => {
  agent = await startAgent((request) => brain(request));
});
afterAll(() => agent.close());
beforeEach(() => {
  agent.telegram.messages.length = 0;
  agent.model.requests.length = 0;
});

const texts = () => agent.telegram.messages.map((message) => message.text);
const lastUser = (request: SeenRequest) => request.messages.findLast((message) => message.role === "user")?.text ?? "";
const toolResults = (messages: readonly Message[]) => messages.filter((message) => message.role === "tool");

/** The conversation of the person with this Telegram id. */
const conversationOf = (person: number) => `main:telegram::direct:${person}::`;

/** The states that the only execution so far went through. */
async function statesEntered(): Promise<(string | undefined)[]> {
  const client = new SFNClient();
  const stateMachineArn = agent.cloud.awsEnvironment[resourceEnvironment.turnMachine];
  const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  const executionArn = executions?.[0]?.executionArn;
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  return (events ?? []).flatMap(({ stateEnteredEventDetails: entered }) => (entered ? [entered.name] : []));
}

async function idle(person = 42): Promise<void> {
  await until(
    "the end of the turn",
    async () => (await agent.store.leases.current(conversationOf(person)))?.held === false,
  );
}

describe("a message on Telegram", () => {
  it("is answered through the state machine, with two writes and one start on the way in", async () => {
    brain = () => ({ text: "Hello **Ada**." });
    const before = agent.cloud.counters.snapshot();
    expect((await agent.say("hi")).status).toBe(200);
    await until("the reply", () => texts().length > 0);
    await idle();
    expect(agent.telegram.messages).toMatchObject([{ chat: "42", text: "Hello Ada.", tags: ["b"] }]);
    const after = agent.cloud.counters.snapshot();
    const calls = (name: string) => (after.calls[name] ?? 0) - (before.calls[name] ?? 0);
    expect(calls("sfn.StartExecution")).toBe(1);
    await until("the end of the execution", async () => (await statesEntered()).at(-1) === "Done");
    expect(await statesEntered()).toEqual(["Step", "Decide", "Done"]);
  });

  it("that comes three times makes one model call and one answer", async () => {
    brain = () => ({ text: "Once." });
    const answers = await Promise.all([1, 2, 3].map(() => agent.say("again?", { update: 77 })));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    await until("the reply", () => texts().length > 0);
    await idle();
    expect((await agent.say("again?", { update: 77 })).status).toBe(200);
    await idle();
    expect(texts()).toEqual(["Once."]);
    expect(agent.model.requests).toHaveLength(1);
  });

  it("keeps every byte of what the model was sent before, turn after turn", async () => {
    brain = ({ messages }) =>
      messages.at(-1)?.role === "tool"
        ? { text: "Listed." }
        : { toolCalls: [{ name: "terminal", arguments: { command: "echo ünïcödé" } }] };
    for (const text of ["first", "second"]) {
      await agent.say(text);
      await until("the reply", () => texts().length === (text === "first" ? 1 : 2));
      await idle();
    }
    const bodies = agent.model.requests.map(({ raw }) => JSON.parse(raw) as { messages: object[]; tools: object[] });
    for (const [index, body] of bodies.entries()) {
      const next = bodies[index + 1];
      if (!next) continue;
      expect(JSON.stringify(next.messages)).toContain(JSON.stringify(body.messages).slice(0, -1));
      expect(JSON.stringify(next.tools)).toBe(JSON.stringify(body.tools));
    }
    expect(bodies).toHaveLength(4);
  });

  it("that comes while a turn runs joins it at the next step", async () => {
    brain = async (request) => {
      if (toolResults(request.messages).at(-1)?.content.includes("slow one"))
        return { text: lastUser(request).includes("and tea") ? "Coffee and tea." : "Only coffee." };
      await agent.say("and tea");
      return { toolCalls: [{ name: "terminal", arguments: { command: "echo slow one" } }] };
    };
    await agent.say("coffee");
    await until("the reply", () => texts().length > 0);
    await idle();
    expect(texts()).toEqual(["Coffee and tea."]);
  });

  it("that comes during the last model call starts a turn of its own", async () => {
    brain = async (request) => {
      if (lastUser(request) === "two") return { text: "Second." };
      await agent.say("two");
      return { text: "First." };
    };
    await agent.say("one");
    await until("both replies", () => texts().length === 2);
    await idle();
    expect(texts()).toEqual(["First.", "Second."]);
  });
});

describe("stop", () => {
  it("ends a long command at once, and the person is told", async () => {
    brain = () => ({ toolCalls: [{ name: "terminal", arguments: { command: "sleep 100" } }] });
    await agent.say("sleep for me");
    await until("the tool call", () => agent.model.requests.length > 0);
    await agent.say("Stop!");
    await until("the reply", () => texts().length > 0);
    await idle();
    expect(texts()).toEqual(["Stopped."]);
    expect(agent.model.requests).toHaveLength(1);
  });

  it("with nothing running is a word like any other, and the command says so", async () => {
    brain = (request) => ({ text: `You said ${lastUser(request)}.` });
    await agent.say("stop");
    await until("the reply", () => texts().length === 1);
    await idle();
    await agent.say("/stop");
    await until("the answer", () => texts().length === 2);
    expect(texts()).toEqual(["You said stop.", "Nothing is running."]);
    await idle();
  });
});

describe("commands", () => {
  it("begin a new session without the old history", async () => {
    brain = (request) => ({ text: `${request.messages.length} messages` });
    await agent.say("/new");
    await until("the answer", () => texts().length === 1);
    await idle();
    await agent.say("hi");
    await until("the reply", () => texts().length === 2);
    await idle();
    expect(texts()[1]).toBe("1 messages");
  });

  it("are answered without a model", async () => {
    await agent.say("/whoami");
    await until("the answer", () => texts().length === 1);
    await idle();
    await agent.say("/help");
    await until("the answer", () => texts().length === 2);
    await idle();
    expect(texts()[0]).toBe("You are telegram:42, an owner of this agent.");
    expect(texts()[1]).toContain("/new");
    expect(agent.model.requests).toHaveLength(0);
  });
});

describe("a stranger", () => {
  it("is refused politely once, and never reaches the model", async () => {
    for (const text of ["let me in", "please"]) expect((await agent.say(text, { from: 666 })).status).toBe(200);
    await until("the refusal", () => texts().length > 0);
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toContain("telegram:666");
    expect(agent.model.requests).toHaveLength(0);
    expect(await agent.store.leases.current(conversationOf(666))).toBeUndefined();
  });
});

describe("a model that refuses our key", () => {
  it("is reported once, without retries, and the next message finds the history whole", async () => {
    brain = () => ({ error: { status: 401, message: "Incorrect API key provided: sk-secret" } });
    await agent.say("/new");
    await until("the answer", () => texts().length === 1);
    await idle();
    await agent.say("who are you?");
    await until("the report", () => texts().length === 2);
    await idle();
    expect(texts()[1]).toContain("OPENAI_API_KEY");
    expect(texts()[1]).not.toContain("sk-");
    expect(agent.model.requests).toHaveLength(1);
    brain = (request) => ({ text: request.messages.map((message) => message.role).join(" ") });
    await agent.say("go on");
    await until("the reply", () => texts().length === 3);
    await idle();
    expect(texts()[2]).toBe("user assistant user");
  });
});

describe("a long answer", () => {
  it("is one message that grows by edits and ends as the final text", async () => {
    const text = "A sentence that goes on. ".repeat(24).trim();
    brain = () => ({ text, chunkSize: 12, delayMs: 40 });
    await agent.say("tell me a lot");
    await until("the final text", () => texts()[0] === text);
    await idle();
    expect(agent.telegram.messages).toHaveLength(1);
    expect(agent.telegram.messages[0]?.edits).toBeGreaterThan(0);
  });
});
