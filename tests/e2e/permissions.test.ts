import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { telegramPress } from "../fakes/platform-telegram-press.ts";
import { startAgent, telegramWebhookSecret, until, type TestAgent } from "../support/agent.ts";

let agent: TestAgent;
let command = "";

beforeAll(async () => {
  agent = await startAgent(
    ({ messages }) => {
      const last = messages.at(-1);
      return last?.role === "tool"
        ? { text: `Result: ${last.content}` }
        : { toolCalls: [{ name: "terminal", arguments: { command } }] };
    },
    { settings: { TALARIA_APPROVALS: "manual", TALARIA_APPROVE_OUTWARD: "ask", TALARIA_ALLOWED_USERS: "*" } },
  );
});
afterAll(() => agent.close());
beforeEach(() => {
  agent.telegram.messages.length = 0;
});

const texts = () => agent.telegram.messages.map(({ text }) => text);
const question = () =>
  until("the question", () => agent.telegram.messages.find(({ buttons }) => buttons !== undefined));
const result = () => until("the result", () => texts().find((text) => text.startsWith("Result:")));
let updates = 900_000;
const press = (label: string, from = 42) =>
  until("the question with its buttons", async () => {
    const asked = await question();
    const data = asked.buttons?.find((button) => button.label === label)?.payload;
    const person = { id: from, first_name: "Ada" };
    const chat = { id: Number(asked.chat), type: "private" };
    const delivery = telegramPress({
      secret: telegramWebhookSecret,
      updateId: (updates += 1),
      ...(data !== undefined && { data }),
      from: person,
      message: { id: asked.id, chat, buttons: asked.buttons ?? [] },
    });
    return (await fetch(`${agent.cloud.url}${delivery.path}`, delivery)).ok;
  });

describe("a push, where effects on others are asked about", () => {
  it("is not run when the person says no, and the question shows how it ended", async () => {
    command = "git push origin main; echo pushed > said-no";
    await agent.say("publish");
    const asked = await question();
    expect(asked.text).toContain("git push origin main");
    await press("No");
    expect(await result()).toContain("The person said no");
    expect(agent.telegram.messages.find(({ id }) => id === asked.id)).toMatchObject({
      text: expect.stringContaining("→ No"),
    });
    expect(agent.telegram.messages.find(({ id }) => id === asked.id)?.buttons).toBeUndefined();
  });

  it("is run when the person allows it in words", async () => {
    command = "git push origin main; echo pushed";
    await agent.say("publish");
    await question();
    await agent.say("yes please");
    expect(await result()).toContain("pushed");
  });

  it("is asked about once when the person allows it always", async () => {
    command = "git push origin always; echo pushed";
    await agent.say("publish");
    await press("Always");
    expect(await result()).toContain("pushed");
    agent.telegram.messages.length = 0;
    await agent.say("publish again");
    expect(await result()).toContain("pushed");
    expect(agent.telegram.messages.some(({ buttons }) => buttons !== undefined)).toBe(false);
  });

  it("is asked about again after the person took that back", async () => {
    command = "git push origin back; echo pushed";
    const answer = (word: string) => until("an answer", () => texts().find((text) => text.includes(word)));
    await agent.say("/allowed");
    expect(await answer("git-push")).toMatch(/1\. It pushes commits to others.*always, since \d{4}-/);
    await agent.say("/allowed forget 1");
    expect(await answer("Taken back")).toContain("It pushes commits to others");
    agent.telegram.messages.length = 0;
    await agent.say("publish once more");
    await press("No");
    expect(await result()).toContain("The person said no");
    await agent.say("/allowed");
    expect(await answer("longer than once")).toContain("nothing");
  });

  it("of one person is not allowed by another, who is told so", async () => {
    command = "curl -X POST https://shop.example/orders -d '{}'; echo ordered";
    await agent.say("order", { from: 77 });
    await question();
    await press("Once", 78);
    await until("an explanation", () => texts().some((text) => text.includes("was not asked of you")));
    expect(texts().some((text) => text.startsWith("Result:"))).toBe(false);
    await press("Once", 77);
    expect(await result()).toContain("ordered");
  });
});

it("never runs what ruins the machine, whoever asks", async () => {
  command = "rm -rf / --no-preserve-root; echo gone";
  await agent.say("clean up", { from: 90 });
  const refused = await result();
  expect(refused).toContain("error");
  expect(refused).not.toContain("gone");
});
