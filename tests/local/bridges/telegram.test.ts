import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  startFakeTelegram,
  telegramDelivery,
  telegramToken,
  type FakeTelegram,
} from "../../fakes/platform-telegram.ts";
import { telegramPress } from "../../fakes/platform-telegram-press.ts";
import { until } from "../../support/agent.ts";
import { bridge, startTestInstance, type RunningInstance } from "./support.ts";

/** Where the agent writes. */
let telegram: FakeTelegram;
/** Where the bridge fetches: a new one for each test, so that no test sees another's updates. */
let source: FakeTelegram;
let instance: RunningInstance;
let lastUpdate = 100;

beforeAll(async () => {
  telegram = await startFakeTelegram();
  instance = await startTestInstance({ TELEGRAM_BOT_TOKEN: telegramToken, TELEGRAM_API_ROOT: telegram.url });
});
afterAll(async () => {
  await instance.close();
  await telegram.close();
});
beforeEach(async () => {
  source = await startFakeTelegram();
});
afterEach(() => source.close());

const start = (more = {}) =>
  bridge(instance.front.url, { ...instance.environment, TELEGRAM_API_ROOT: source.url, ...more });

/** Leaves a message from this person for the bot; every test has a person of its own. */
function write(text: string, from: number): void {
  const { body } = telegramDelivery({
    secret: "",
    updateId: (lastUpdate += 1),
    text,
    from: { id: from, first_name: "Ada" },
  });
  source.push(JSON.parse(body) as object);
}

const repliesTo = (from: number) =>
  telegram.messages.filter(({ chat }) => chat === String(from)).map(({ text }) => text);
const replied = (from: number, count = 1) => until("the reply", () => repliesTo(from).length >= count);
const offsets = () =>
  source.calls
    .filter(({ operation }) => operation === "getUpdates")
    .map(({ text }) => (JSON.parse(text) as { offset: number }).offset);
/** Telegram has been told to forget everything so far. */
const confirmed = () => until("the confirmation", () => offsets().includes(lastUpdate + 1));

describe("the Telegram bridge", () => {
  it("brings a message to the agent and its reply to the chat", async () => {
    const { lines } = start();
    write("hello", 1);
    await replied(1);
    await confirmed();
    expect(repliesTo(1)).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it("keeps a message that the ingress does not take, and confirms it only afterwards", async () => {
    instance.front.failNext({ status: 503, body: { error: "not now" }, times: 3 });
    const { lines, pausesMs } = start();
    write("/whoami", 2);
    await replied(2);
    await confirmed();
    expect(repliesTo(2)).toHaveLength(1);
    expect(pausesMs).toEqual([1000, 2000, 4000]);
    expect(lines).toEqual([
      "A message from Telegram was not accepted yet (HTTP 503: not now). I keep trying.",
      "Telegram: connected again.",
    ]);
  });

  it("makes one answer of a message whose acceptance was not heard", async () => {
    instance.front.failNext({ how: "lost" });
    start();
    write("/whoami", 3);
    await replied(3);
    await confirmed();
    write("/help", 3);
    await replied(3, 2);
    expect(repliesTo(3)).toHaveLength(2);
  });

  it("makes no second answer of messages that come again after a restart", async () => {
    const first = start();
    write("/whoami", 4);
    await replied(4);
    await first.close();
    start();
    await confirmed();
    write("/help", 4);
    await replied(4, 2);
    expect(repliesTo(4)).toHaveLength(2);
  });

  it("leaves out an update that can never be read, says so and goes on", async () => {
    const { lines } = start();
    source.push({ update_id: (lastUpdate += 1), message: "no message at all" });
    write("/whoami", 5);
    await replied(5);
    expect(lines.filter((line) => line.includes(`update ${lastUpdate - 1} was left out (HTTP 400`))).toHaveLength(1);
  });
});

describe("a button that is pressed in Telegram", () => {
  const press = (from: number) => {
    const message = { id: 9, chat: { id: from, type: "private" } };
    const updateId = (lastUpdate += 1);
    const query = { secret: "", updateId, data: "q:yes", from: { id: from, first_name: "Ada" }, message };
    source.push(JSON.parse(telegramPress(query).body) as object);
    return String(updateId);
  };
  const answer = (query: string) => ({ method: "answerCallbackQuery", callback_query_id: query });

  it("is asked for, and does not look busy once the ingress has it", async () => {
    instance.front.failNext({ status: 200, body: answer("the-query") });
    start();
    press(11);
    await confirmed();
    await until("the answer", () => source.answeredPresses.length > 0);
    expect(source.answeredPresses).toEqual(["the-query"]);
    const [asked] = source.calls.filter(({ operation }) => operation === "getUpdates");
    expect(JSON.parse(asked?.text ?? "")).toMatchObject({ allowed_updates: ["message", "callback_query"] });
  });

  it("is done with although Telegram does not take the answer, and no other call is carried out", async () => {
    const { lines } = start();
    source.failNext({
      operation: "answerCallbackQuery",
      status: 400,
      body: { ok: false, error_code: 400, description: "" },
    });
    instance.front.failNext({ status: 200, body: answer("too-old") });
    press(12);
    await until("the attempt", () => source.calls.some(({ operation }) => operation === "answerCallbackQuery"));
    instance.front.failNext({ status: 200, body: { method: "deleteWebhook", callback_query_id: "x" } });
    press(12);
    await confirmed();
    expect(source.calls.map(({ operation }) => operation)).not.toContain("deleteWebhook");
    expect(source.answeredPresses).toEqual([]);
    expect(lines).toEqual([]);
  });
});

const conflict = (description: string, times: number) =>
  source.failNext({
    operation: "getUpdates",
    status: 409,
    body: { ok: false, error_code: 409, description: `Conflict: ${description}` },
    times,
  });

describe("trouble with Telegram", () => {
  it("by a webhook is told once, with the way to remove it, and the webhook is left alone", async () => {
    conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", 3);
    const { lines, pausesMs } = start();
    write("/whoami", 6);
    await replied(6);
    expect(lines).toEqual([
      expect.stringContaining("/bot$TELEGRAM_BOT_TOKEN/deleteWebhook"),
      "Telegram: connected again.",
    ]);
    expect(pausesMs).toEqual([10_000, 10_000, 10_000]);
    expect(source.calls.map(({ operation }) => operation)).not.toContain("deleteWebhook");
  });

  it("by another program that polls says that it is another program", async () => {
    conflict("terminated by other getUpdates request; make sure that only one bot instance is running", 1);
    const { lines } = start();
    await until("the line", () => lines.length > 0);
    expect(lines[0]).toContain("another program fetches this bot's messages");
  });

  it("by a wrong token is told in one line, and nothing is asked again", async () => {
    const { lines, pausesMs, close } = start({ TELEGRAM_BOT_TOKEN: "4711:wrong" });
    await until("the line", () => lines.length > 0);
    await close();
    expect(lines).toEqual(["Telegram does not accept TELEGRAM_BOT_TOKEN: copy it again from @BotFather."]);
    expect(offsets()).toHaveLength(1);
    expect(pausesMs).toEqual([]);
  });

  it("in the network is borne with longer and longer pauses, and told once without the token", async () => {
    const gone = await startFakeTelegram();
    await gone.close();
    const { lines, pausesMs } = start({ TELEGRAM_API_ROOT: gone.url });
    await until("many pauses", () => pausesMs.length >= 8);
    expect(pausesMs.slice(0, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(lines).toEqual(["Telegram cannot be reached. I keep trying."]);
  });

  it("that asks for a pause is given that pause", async () => {
    const flood = { ok: false, error_code: 429, description: "Too Many Requests", parameters: { retry_after: 17 } };
    source.failNext({ operation: "getUpdates", status: 429, body: flood });
    const { pausesMs } = start();
    await until("the pause", () => pausesMs.length > 0);
    expect(pausesMs).toEqual([17_000]);
  });
});

describe("stopping the Telegram bridge", () => {
  it("does not wait for the question that Telegram holds open", async () => {
    const { close, lines } = start();
    await until("the question", () => offsets().length > 0);
    const startedAt = Date.now();
    await close();
    expect(Date.now() - startedAt).toBeLessThan(1000);
    expect(lines).toEqual([]);
  });
});

describe("the secret between bridge and ingress", () => {
  it("is made by the instance and kept in its data folder, in a form that Telegram would take", () => {
    const kept = readFileSync(`${instance.environment["TALARIA_WORKSPACES"]}/../telegram.secret`, "utf8");
    expect(instance.environment["TELEGRAM_WEBHOOK_SECRET"]).toBe(kept);
    expect(kept).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  it("is checked: a stranger on this machine cannot speak for Telegram", async () => {
    const delivery = telegramDelivery({ secret: "guess", updateId: 9999, text: "hi" });
    expect((await fetch(instance.cloud.url + delivery.path, delivery)).status).toBe(401);
  });
});
