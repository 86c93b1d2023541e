import { describe, expect, it } from "vitest";
import { slack } from "../../../core/platforms/slack.ts";
import { messagesOf, rawRequest } from "../../contracts/platform-case.ts";
import { slackSecret } from "../../fakes/platform-slack.ts";
import { slackPress, type SlackPress } from "../../fakes/platform-slack-press.ts";

const settings = { SLACK_SIGNING_SECRET: slackSecret };
const yes = { payload: "q:yes", label: "Yes" };

describe("a press of a Slack button", () => {
  const read = (press: Partial<SlackPress>) =>
    messagesOf(slack.parse(rawRequest(slackPress({ button: yes, ...press })), settings))[0];

  it("in a direct chat stays outside of threads, also when its question has become a thread", () => {
    expect(read({ message: { ts: "1782000000.000100" } })).toMatchObject({
      place: { workspace: "T0001", chat: "D0001", kind: "direct" },
      sender: { id: "U0ADA", name: "ada" },
    });
    const thread = { ts: "1782000000.000100", thread_ts: "1782000000.000100" };
    expect(read({ message: thread })?.place).not.toHaveProperty("thread");
  });

  it("is timed by the press, not by the question", () => {
    expect(read({ actionTs: "1782000077.250000" })).toMatchObject({
      sentAt: 1_782_000_077_250,
      order: "1782000077.250000",
    });
  });

  it("of an app that a whole organisation installed has the workspace of who pressed", () => {
    expect(read({ more: { team: null } })?.place.workspace).toBe("T0001");
  });
});
