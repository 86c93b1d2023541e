import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outbound, Parsed } from "../../../core/platforms/platform.ts";
import { slack } from "../../../core/platforms/slack.ts";
import { connectOptions, failureOf, messagesOf, rawRequest, type Delivery } from "../../contracts/platform-case.ts";
import { platformSuite } from "../../contracts/platform-suite.ts";
import {
  slackBotUser,
  slackCommand,
  slackDelivery,
  slackError,
  slackFlood,
  slackSecret,
  slackSigned,
  slackToken,
  startFakeSlack,
  type FakeSlack,
} from "../../fakes/platform-slack.ts";
import { slackInteraction, slackPress } from "../../fakes/platform-slack-press.ts";

const settings = { SLACK_BOT_TOKEN: slackToken, SLACK_SIGNING_SECRET: slackSecret };
const place = {
  platform: "slack",
  workspace: "T0001",
  chat: "C0002",
  thread: "1782000060.000300",
  kind: "group",
} as const;

const yes = { payload: "q:yes", label: "Yes" };

const fixtures = JSON.parse(
  readFileSync(new URL("../../fixtures/platforms/slack.json", import.meta.url), "utf8"),
) as Record<string, object>;

const fixture = (name: string): Delivery => slackDelivery({ event: fixtures[name] ?? {} });
const parse = (delivery: Delivery): Parsed => slack.parse(rawRequest(delivery), settings);
const read = (name: string) => messagesOf(parse(fixture(name)))[0];
const form = (fields: Record<string, string>): Delivery =>
  slackSigned({ body: new URLSearchParams(fields).toString(), type: "application/x-www-form-urlencoded" });

platformSuite({
  platform: slack,
  settings: (url) => ({ ...settings, SLACK_API_URL: `${url}/api/` }),
  verifyingSettings: ["SLACK_SIGNING_SECRET"],
  message: (text, id, atMs = Date.now()) => {
    const timestamp = Math.floor(atMs / 1000);
    return slackDelivery({ event: { text, ts: `${timestamp}.${String(id).padStart(6, "0")}` }, timestamp });
  },
  signed: (body) => slackSigned({ body }),
  silent: {
    "a message of its own": fixture("own"),
    "a message of another bot": fixture("otherBot"),
    "an edited message": fixture("edited"),
    "a person joining": fixture("joined"),
    "talk in a channel": fixture("talkInChannel"),
    "talk in a thread": fixture("talkInThread"),
    "a reaction": fixture("reaction"),
    "an event whose channel is an object": fixture("channelCreated"),
    "a message without any text": slackDelivery({ event: { ts: "1782000000.000100", text: `<@${slackBotUser}> ` } }),
    "a rate limit notice": slackSigned({
      body: '{"type":"app_rate_limited","team_id":"T0001","minute_rate_limited":1}',
    }),
    "an interaction without actions": form({ payload: '{"type":"block_actions","actions":[]}' }),
    "a check of the certificate": form({ ssl_check: "1", token: "verification" }),
  },
  hasTimestamp: true,
  forged: (delivery) => ({ ...delivery, body: delivery.body.replace("hello", "jello") }),
  place,
  startServer: startFakeSlack,
  flood: slackFlood(7),
  refusal: slackError("not_in_channel"),
  buttons: {
    press: (button, { id, by }) =>
      slackPress({
        button,
        message: { ts: "1782000090.000500", thread_ts: place.thread },
        channel: { id: place.chat, name: "general" },
        user: { id: by, name: "ada" },
        actionTs: `${Math.floor(Date.now() / 1000)}.${String(id).padStart(6, "0")}`,
      }),
    people: ["U0ADA", "U0BOB"],
    foreign: {
      "the choice of a list": slackPress({ button: yes, more: { actions: [{ type: "static_select" }] } }),
      "a button that only opens a page": slackPress({
        button: yes,
        more: { actions: [{ type: "button", url: "https://example.com", action_ts: "1782000000.000100" }] },
      }),
      "a press on the home tab": slackPress({ button: yes, more: { channel: undefined, message: undefined } }),
      "a form that was sent": slackInteraction({ type: "view_submission", user: { id: "U0ADA" } }),
      "a shortcut": slackInteraction({ type: "shortcut", callback_id: "x" }),
    },
    response: /^$/,
  },
});

describe("a request from Slack", () => {
  /** https://docs.slack.dev/authentication/verifying-requests-from-slack */
  it("passes the published vector", () => {
    const body =
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const headers = {
      "x-slack-request-timestamp": "1531420618",
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    };
    const request = rawRequest({ method: "POST", path: "/", headers, body });
    expect(slack.verify(request, settings, 1_531_420_618_000)).toEqual({ ok: true });
    expect(slack.verify(request, settings, 1_531_420_618_000 + 301_000).ok).toBe(false);
  });

  it("that asks whether the address is ours gets its challenge back", () => {
    const body =
      '{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}';
    expect(parse(slackSigned({ body }))).toMatchObject({
      kind: "answer",
      response: { status: 200, body: "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P" },
    });
  });
});

describe("a Slack message", () => {
  it("in a direct chat is read as plain text", () => {
    expect(read("directMessage")).toEqual({
      key: "D0001:1782000000.000200",
      place: { platform: "slack", workspace: "T0001", chat: "D0001", kind: "direct" },
      sender: { id: "U0ADA" },
      text: "See the page (https://example.com/a?x=1&y=2) & tell @U0BOB in #general, ada@example.com says 1 < 2",
      sentAt: 1_782_000_000_000,
      order: "1782000000.000200",
    });
  });

  it("that mentions the agent opens a thread in its channel, and the mention is taken off", () => {
    expect(read("mention")).toMatchObject({
      text: "what is @bob working on?",
      place: { chat: "C0002", thread: "1782000060.000300", kind: "group" },
    });
  });

  it("that arrives as message and as app_mention is the same message", () => {
    expect(read("mentionAsMessage")).toEqual(read("mention"));
  });

  it("in a thread stays in that thread", () => {
    expect(read("mentionInThread")).toMatchObject({
      text: "and now @U0TALARIA?",
      place: { thread: "1782000060.000300" },
      key: "C0002:1782000120.000400",
    });
  });

  it("with files names them", () => {
    expect(read("file")?.text).toBe("[photo: plant.jpg]\n[file: notes.pdf]\nwhat is this?");
  });
});

describe("a Slack command", () => {
  it("says its text, in the channel where it was given", () => {
    const delivery = slackCommand({ fields: { text: " what is next? ", trigger_id: "133.474.8088" } });
    expect(messagesOf(parse(delivery))[0]).toMatchObject({
      key: "133.474.8088",
      place: { workspace: "T0001", chat: "C0001", kind: "group" },
      sender: { id: "U0ADA", name: "ada" },
      text: "what is next?",
    });
  });

  it("without text is told how to use it", () => {
    const parsed = parse(slackCommand({ fields: { text: "" } }));
    expect(parsed).toMatchObject({ kind: "answer", response: { status: 200 } });
    expect(JSON.stringify(parsed)).toContain("/talaria");
  });

  it("that lacks what Slack documents is unreadable", () => {
    expect(parse(form({ command: "/talaria", text: "hi" })).kind).toBe("unreadable");
    expect(parse(form({ payload: "{" })).kind).toBe("unreadable");
  });
});

describe("sending to Slack", () => {
  let server: FakeSlack;
  let outbound: Outbound;
  beforeAll(async () => {
    server = await startFakeSlack();
    outbound = await slack.connect({ ...settings, SLACK_API_URL: `${server.url}/api` }, connectOptions);
  });
  afterAll(() => server.close());

  it("hands over Markdown as it is, in the thread, without previews", async () => {
    const markdown = "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |";
    await outbound.send(place, slack.render(markdown), { idempotencyKey: "k" });
    expect(server.messages.at(-1)).toMatchObject({ channel: "C0002", thread: "1782000060.000300", text: markdown });
    expect(new URLSearchParams(server.calls.at(-1)?.text).get("unfurl_links")).toBe("false");
  });

  it("asks in blocks, with a text for notifications", async () => {
    const buttons = [yes, { payload: "q:no", label: "No" }];
    await outbound.send(place, "May **I**?", { idempotencyKey: "k", buttons });
    expect(server.messages.at(-1)).toMatchObject({
      thread: place.thread,
      text: "May **I**?",
      notification: "May **I**?",
    });
    expect(new URLSearchParams(server.calls.at(-1)?.text).get("markdown_text")).toBeNull();
  });

  it("never calls everybody in the channel", () => {
    expect(slack.render("<!channel> and <!here|here> and <!everyone>, but <!subteam^S1>")).toBe(
      "@channel and @here and @everyone, but <!subteam^S1>",
    );
  });

  it("shows a status in a thread, and nothing where Slack allows none", async () => {
    await outbound.typing?.(place);
    expect(server.statuses.at(-1)).toContain("C0002 1782000060.000300");
    const calls = server.calls.length;
    await outbound.typing?.({ platform: "slack", chat: "D0001", kind: "direct" });
    expect(server.calls.length).toBe(calls);
    server.failNext(slackError("not_allowed_token_type"));
    await outbound.typing?.(place);
  });

  it.each([
    ["invalid_auth", {}, "SLACK_BOT_TOKEN"],
    ["missing_scope", { needed: "chat:write" }, "chat:write"],
    ["channel_not_found", {}, "invite"],
    ["is_archived", {}, "is_archived"],
  ])("says what to do about %s", async (error, more, words) => {
    server.failNext(slackError(error, more));
    const failure = await failureOf(outbound.send(place, "hi", { idempotencyKey: "k" }));
    expect(failure.kind).toBe("refused");
    expect(failure.message).toContain(words);
  });

  it("asks to be retried when Slack says that it has a problem", async () => {
    server.failNext(slackError("internal_error"));
    expect((await failureOf(outbound.send(place, "hi", { idempotencyKey: "k" }))).kind).toBe("retryable");
  });
});
