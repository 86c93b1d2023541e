import type { Settings } from "../base/settings.ts";
import { accepted, hmacSha256, isEqualSecret, isRecent, rejected } from "./kit/signature.ts";
import { definePlatform, type RawRequest, type Verdict } from "./platform.ts";
import { connectSlack } from "./slack/outbound.ts";
import { parseSlack } from "./slack/requests.ts";

export const slack = definePlatform({
  name: "slack",
  settings: [
    {
      name: "SLACK_BOT_TOKEN",
      required: true,
      secret: true,
      help: "The app's bot token (xoxb-…), under OAuth & Permissions; scopes chat:write, app_mentions:read, im:history",
    },
    {
      name: "SLACK_SIGNING_SECRET",
      required: true,
      secret: true,
      help: "The app's signing secret, under Basic Information; it proves that a request comes from Slack",
    },
    {
      name: "SLACK_API_URL",
      required: false,
      secret: false,
      help: "Another address than https://slack.com/api/",
    },
  ],
  // https://docs.slack.dev/reference/methods/chat.update is rate limited at 50 a minute; a thread's status fades after
  // two minutes (https://docs.slack.dev/reference/methods/assistant.threads.setStatus).
  // Slack allows 25 buttons (https://docs.slack.dev/reference/block-kit/blocks/actions-block); more than a few nobody reads.
  limits: { maxLength: 12_000, unit: "utf16", maxButtons: 8, minEditIntervalMs: 1200, typingMs: 120_000 },
  promptHint:
    "The reply is shown in Slack, which renders standard Markdown: headings, lists, links, tables and code blocks. Be concise; people read it in a channel.",
  idempotency: "none",
  verify,
  parse: parseSlack,
  render: withoutBroadcast,
  connect: connectSlack,
});

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
function verify({ headers, body }: RawRequest, settings: Settings, now: number): Verdict {
  const secret = settings["SLACK_SIGNING_SECRET"];
  if (!secret) return rejected("SLACK_SIGNING_SECRET is not set.");
  const timestamp = headers["x-slack-request-timestamp"];
  if (!isRecent(timestamp, now)) {
    return rejected("X-Slack-Request-Timestamp is missing or not within five minutes of now.");
  }
  const expected = `v0=${hmacSha256(secret, [`v0:${timestamp}:`, body], "hex")}`;
  const given = headers["x-slack-signature"] ?? "";
  return isEqualSecret(given, expected) ? accepted : rejected("X-Slack-Signature does not match.");
}

/** Slack takes Markdown as it is. Only its call to everybody in the channel is disarmed: an agent may quote one. */
function withoutBroadcast(markdown: string): string {
  return markdown.replace(/<!(channel|here|everyone)(?:\|[^>\n]*)?>/g, "@$1");
}
