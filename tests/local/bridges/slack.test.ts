import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  slackCommand,
  slackDelivery,
  slackError,
  slackToken,
  startFakeSlack,
  type FakeSlack,
} from "../../fakes/platform-slack.ts";
import { slackPress } from "../../fakes/platform-slack-press.ts";
import { until } from "../../support/agent.ts";
import { slackAppToken, startFakeSlackSocket, type FakeSlackSocket } from "./fake-slack-socket.ts";
import { bridge, startTestInstance, type RunningInstance } from "./support.ts";

/** Where the agent writes. */
let slack: FakeSlack;
/** Where the bridge is connected. */
let socket: FakeSlackSocket;
let instance: RunningInstance;

beforeAll(async () => {
  slack = await startFakeSlack();
  instance = await startTestInstance({
    SLACK_BOT_TOKEN: slackToken,
    SLACK_APP_TOKEN: slackAppToken,
    SLACK_API_URL: `${slack.url}/api/`,
  });
});
afterAll(async () => {
  await instance.close();
  await slack.close();
});
beforeEach(async () => {
  socket = await startFakeSlackSocket();
});
afterEach(() => socket.close());

const start = (more = {}) =>
  bridge(instance.front.url, { ...instance.environment, SLACK_API_URL: socket.apiUrl, ...more });
const connected = (count = 1) => until("the connection", () => socket.opened() >= count);

/** Sends an envelope and returns its id. */
function sendEnvelope(type: string, payload: object, more: object = {}): string {
  const envelope_id = randomUUID();
  socket.send({ envelope_id, type, payload, accepts_response_payload: type !== "events_api", ...more });
  return envelope_id;
}

let clockSeconds = 1_700_000_000;

/** A direct message; every test has a channel of its own. */
const said = (channel: string, text: string): object =>
  JSON.parse(slackDelivery({ event: { channel, text, ts: `${(clockSeconds += 1)}.000100` } }).body) as object;

const command = (channel: string, text: string, trigger: string): object =>
  Object.fromEntries(
    new URLSearchParams(slackCommand({ fields: { channel_id: channel, text, trigger_id: trigger } }).body),
  );

const acknowledgement = (id: string) =>
  until("the acknowledgement", () => socket.acknowledgements.find(({ envelope_id }) => envelope_id === id));
const repliesIn = (channel: string) => slack.messages.filter((message) => message.channel === channel);
const replied = (channel: string, count = 1) => until("the reply", () => repliesIn(channel).length >= count);

describe("the Slack bridge", () => {
  it("brings a message to the agent, acknowledges it, and the reply comes to the channel", async () => {
    const { lines } = start();
    await connected();
    const id = sendEnvelope("events_api", said("D1", "hello"));
    expect((await acknowledgement(id)).payload).toEqual({});
    await replied("D1");
    expect(repliesIn("D1")).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it("acknowledges nothing that the ingress did not take, and what Slack sends again is answered once", async () => {
    instance.front.failNext({ status: 503, body: { error: "not now" } });
    instance.front.failNext({ how: "lost" });
    const { lines } = start();
    await connected();
    const event = said("D2", "/whoami");
    const first = sendEnvelope("events_api", event);
    await until("the first line", () => lines.length === 1);
    const second = sendEnvelope("events_api", event, { retry_attempt: 1, retry_reason: "timeout" });
    await until("the second line", () => lines.length === 2);
    const third = sendEnvelope("events_api", event, { retry_attempt: 2, retry_reason: "timeout" });
    await acknowledgement(third);
    await replied("D2");
    await acknowledgement(sendEnvelope("events_api", said("D2", "/help")));
    await replied("D2", 2);
    expect(repliesIn("D2")).toHaveLength(2);
    expect(socket.acknowledgements.map(({ envelope_id }) => envelope_id)).not.toContain(first);
    expect(socket.acknowledgements.map(({ envelope_id }) => envelope_id)).not.toContain(second);
    expect(lines[0]).toContain("HTTP 503: not now");
  });

  it("brings a slash command to the agent", async () => {
    start();
    await connected();
    const id = sendEnvelope("slash_commands", command("D3", "hello", "1.1"));
    expect((await acknowledgement(id)).payload).toEqual({});
    await replied("D3");
  });

  it("shows a person at once how a command without words is used", async () => {
    start();
    await connected();
    const id = sendEnvelope("slash_commands", command("D4", "", "1.2"));
    expect((await acknowledgement(id)).payload).toMatchObject({
      response_type: "ephemeral",
      text: expect.stringContaining("/talaria"),
    });
  });

  it("acknowledges a pressed button and kinds of envelopes that it does not know", async () => {
    start();
    await connected();
    const pressed = await acknowledgement(sendEnvelope("interactive", { type: "block_actions", actions: [] }));
    const unknown = await acknowledgement(sendEnvelope("something_new", {}));
    expect([pressed.payload, unknown.payload]).toEqual([{}, {}]);
    expect(instance.front.calls.at(-1)?.text).toMatch(/^payload=%7B%22type%22%3A%22block_actions/);
  });
});

describe("a button that is pressed in Slack", () => {
  it("reaches the ingress as Slack would have posted it, and is acknowledged without words", async () => {
    start();
    await connected();
    const press = slackPress({ button: { payload: "q:yes", label: "Yes & no" }, channel: { id: "D6", name: "dm" } });
    const payload = JSON.parse(new URLSearchParams(press.body).get("payload") ?? "") as object;
    const id = sendEnvelope("interactive", payload);
    expect((await acknowledgement(id)).payload).toEqual({});
    const call = instance.front.calls.at(-1);
    expect(new URLSearchParams(call?.text).get("payload")).toBe(JSON.stringify(payload));
    expect(call?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  });
});

describe("a Slack connection", () => {
  it("that Slack renews is opened again at once, without a word", async () => {
    const { lines, pausesMs } = start();
    await connected();
    socket.send({ type: "disconnect", reason: "refresh_requested" });
    await connected(2);
    await acknowledgement(sendEnvelope("events_api", said("D5", "/whoami")));
    await replied("D5");
    expect(lines).toEqual([]);
    expect(pausesMs).toEqual([]);
  });

  it("that breaks is opened again after a pause, and the person is told", async () => {
    const { lines, pausesMs } = start();
    await connected();
    await acknowledgement(sendEnvelope("something_new", {}));
    socket.drop();
    await until("the recovery", () => lines.length >= 2);
    expect(lines).toEqual(["Slack: the connection was lost. I keep trying.", "Slack: connected again."]);
    expect(pausesMs).toEqual([1000]);
  });

  it("that Slack ends because Socket Mode is off is told in one line and not opened again", async () => {
    const { lines, close } = start();
    await connected();
    socket.send({ type: "disconnect", reason: "link_disabled" });
    await until("the line", () => lines.length > 0);
    await close();
    expect(lines).toEqual(["Slack: Socket Mode is switched off in the app's settings. Switch it on and start again."]);
    expect(socket.opened()).toBe(1);
  });
});

describe("trouble with Slack", () => {
  it.each([
    ["invalid_auth", "Slack does not accept SLACK_APP_TOKEN (invalid_auth): copy the app-level token (xapp-…) again."],
    ["missing_scope", expect.stringContaining("lacks the scope connections:write")],
    ["not_allowed_token_type", expect.stringContaining("is not an app-level token")],
  ])("named %s is told in one line, and nothing is asked again", async (word, line) => {
    socket.failNext(slackError(word));
    const { lines, pausesMs, close } = start();
    await until("the line", () => lines.length > 0);
    await close();
    expect(lines).toEqual([line]);
    expect(pausesMs).toEqual([]);
    expect(socket.calls).toHaveLength(1);
  });

  it("in the network is borne with longer and longer pauses", async () => {
    socket.failNext({ status: 503, times: 2 });
    socket.failNext({ how: "cut", times: 2 });
    const { lines, pausesMs } = start();
    await until("the recovery", () => lines.length >= 2);
    expect(lines).toEqual(["Slack cannot be reached. I keep trying.", "Slack: connected again."]);
    expect(pausesMs).toEqual([1000, 2000, 4000, 8000]);
  });

  it("that asks for a pause is given that pause", async () => {
    socket.failNext({ status: 429, headers: { "retry-after": "12" }, body: { ok: false, error: "ratelimited" } });
    const { pausesMs } = start();
    await connected();
    expect(pausesMs).toEqual([12_000]);
  });
});

describe("stopping the Slack bridge", () => {
  it("takes no time, whether it is connected or not", async () => {
    const early = start();
    const { close, lines } = start();
    await connected();
    const startedAt = Date.now();
    await Promise.all([early.close(), close()]);
    expect(Date.now() - startedAt).toBeLessThan(1000);
    expect(lines).toEqual([]);
  });
});

describe("the signing secret between bridge and ingress", () => {
  it("is checked: a stranger on this machine cannot speak for Slack", async () => {
    const delivery = slackDelivery({ event: { text: "hi", ts: "1.1" } });
    expect((await fetch(instance.cloud.url + delivery.path, delivery)).status).toBe(401);
  });
});
