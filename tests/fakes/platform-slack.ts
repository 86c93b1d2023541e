import { createHmac } from "node:crypto";
import type { Button } from "../../core/platforms/platform.ts";
import { startFakeServer, type Answer, type Call, type FakeServer } from "./platform-server.ts";

/** A message that the app sent, edits applied. */
interface SlackSent {
  /** Its `ts`. */
  id: string;
  channel: string;
  thread?: string;
  /** The Markdown that Slack renders. */
  text: string;
  /** Buttons below it; absent without any. */
  buttons?: Button[];
  /** What a notification shows of a message that is made of blocks. */
  notification?: string;
  edits: number;
}

export interface FakeSlack extends FakeServer {
  token: string;
  messages: SlackSent[];
  /** Statuses that were set, as "channel thread status". */
  statuses: string[];
}

export const slackToken = "xoxb-fake-token-of-the-fake-app";
export const slackSecret = "8f742231b10e8888abcd99yyyzzz85a5";
export const slackBotUser = "U0TALARIA";
export const slackTeam = "T0001";

type Fields = Record<string, string>;

/** Slack's Web API, as far as our app uses it: the same limits, the same words for what is wrong. */
export async function startFakeSlack({ token = slackToken } = {}): Promise<FakeSlack> {
  const messages: SlackSent[] = [];
  const statuses: string[] = [];
  const operations: Record<string, (fields: Fields) => object> = {
    "auth.test": () => ({ team_id: slackTeam, user_id: slackBotUser, bot_id: "B0TALARIA" }),
    "chat.postMessage": (fields) => postMessage(messages, fields),
    "chat.update": (fields) => updateMessage(messages, fields),
    "assistant.threads.setStatus": (fields) => {
      statuses.push(`${required(fields, "channel_id")} ${required(fields, "thread_ts")} ${required(fields, "status")}`);
      return {};
    },
  };
  const server = await startFakeServer({
    operationOf: (_method, path) => path.split("?")[0]?.split("/").at(-1) ?? "",
    answer: (call) => {
      if (call.headers["authorization"] !== `Bearer ${token}`) return slackError("invalid_auth");
      const operation = operations[call.operation];
      if (!operation) return slackError("unknown_method");
      try {
        return { status: 200, body: { ok: true, ...operation(fieldsOf(call)) } };
      } catch (error) {
        return slackError((error as Error).message);
      }
    },
  });
  return { ...server, token, messages, statuses };
}

/** Slack says most errors with status 200. */
export const slackError = (error: string, more: object = {}): Answer => ({
  status: 200,
  body: { ok: false, error, ...more },
});

export const slackFlood = (retryAfterSeconds: number): Answer => ({
  status: 429,
  headers: { "retry-after": String(retryAfterSeconds) },
  body: { ok: false, error: "ratelimited" },
});

/** The SDK sends forms; Slack takes JSON as well. */
function fieldsOf({ headers, text }: Call): Fields {
  if (headers["content-type"]?.startsWith("application/json")) return JSON.parse(text) as Fields;
  return Object.fromEntries(new URLSearchParams(text));
}

function required(fields: Fields, name: string): string {
  const value = fields[name];
  if (!value) throw new Error(name === "channel" ? "channel_not_found" : "invalid_arguments");
  return value;
}

type Content = Pick<SlackSent, "text" | "buttons" | "notification">;

function contentOf(fields: Fields): Content {
  const markdown = fields["markdown_text"] ?? "";
  if (fields["blocks"] && !markdown) return blocksOf(fields["blocks"], fields["text"] ?? "");
  if (fields["text"] || fields["blocks"]) throw new Error("markdown_text_conflict");
  if (markdown.trim() === "") throw new Error("no_text");
  if (Array.from(markdown).length > 12_000) throw new Error("msg_too_long");
  return { text: markdown };
}

interface Block {
  type: string;
  text?: string;
  elements?: { type: string; action_id?: string; value?: string; text?: { type: string; text: string } }[];
}

/** The blocks that we send, with the limits of https://docs.slack.dev/reference/block-kit. */
function blocksOf(json: string, notification: string): Content {
  if (json.length > 13_200) throw new Error("msg_blocks_too_long");
  const blocks = JSON.parse(json) as Block[];
  const [markdown, actions, ...others] = blocks;
  if (markdown?.type !== "markdown" || !markdown.text?.trim() || others.length > 0) throw new Error("invalid_blocks");
  if (markdown.text.length > 12_000) throw new Error("invalid_blocks");
  const content = { text: markdown.text, notification };
  return actions === undefined ? content : { ...content, buttons: buttonsOf(actions) };
}

function buttonsOf({ type, elements = [] }: Block): Button[] {
  if (type !== "actions" || elements.length === 0 || elements.length > 25) throw new Error("invalid_blocks");
  if (new Set(elements.map(({ action_id }) => action_id)).size < elements.length) throw new Error("invalid_blocks");
  return elements.map(({ type: kind, value = "", text }) => {
    const isText = text?.type === "plain_text" && text.text !== "" && text.text.length <= 75;
    if (kind !== "button" || !text || !isText || value.length > 2000) throw new Error("invalid_blocks");
    return { label: text.text, payload: value };
  });
}

function postMessage(messages: SlackSent[], fields: Fields): object {
  const channel = required(fields, "channel");
  const id = `1700000000.${String(messages.length + 1).padStart(6, "0")}`;
  const thread = fields["thread_ts"];
  messages.push({ id, channel, ...(thread && { thread }), ...contentOf(fields), edits: 0 });
  return { channel, ts: id };
}

function updateMessage(messages: SlackSent[], fields: Fields): object {
  const message = messages.find(({ id, channel }) => id === fields["ts"] && channel === fields["channel"]);
  if (!message) throw new Error("message_not_found");
  const content = contentOf(fields);
  // Blocks stay unless new ones come.
  if (fields["blocks"]) delete message.buttons;
  Object.assign(message, content, { edits: message.edits + 1 });
  return { channel: message.channel, ts: message.id };
}

export interface SlackDelivery {
  secret?: string;
  /** The event: type, channel, user, ts, text … A `message`, in a direct channel unless it names one. */
  event: object;
  /** Seconds since 1970, of the signature. */
  timestamp?: number;
  team?: string;
}

/** An Events API request as Slack posts it. */
export function slackDelivery({ event, team = slackTeam, ...signing }: SlackDelivery) {
  const channel = "channel" in event ? {} : { channel: "D0001", channel_type: "im" };
  const inner = { type: "message", user: "U0ADA", ...channel, ...event };
  return slackSigned({
    ...signing,
    body: JSON.stringify({
      token: "verification",
      team_id: team,
      api_app_id: "A0001",
      event: inner,
      type: "event_callback",
      event_id: `Ev${Math.random().toString(36).slice(2)}`,
      event_time: Math.floor(Date.now() / 1000),
      authorizations: [{ enterprise_id: null, team_id: team, user_id: slackBotUser, is_bot: true }],
      is_ext_shared_channel: false,
    }),
  });
}

/** A slash command as Slack posts it. */
export function slackCommand({ fields, ...signing }: { fields: Fields; secret?: string; timestamp?: number }) {
  const body = new URLSearchParams({
    token: "verification",
    team_id: slackTeam,
    channel_id: "C0001",
    user_id: "U0ADA",
    user_name: "ada",
    command: "/talaria",
    text: "",
    trigger_id: "13345224609.738474920.8088930838d88f008e0",
    ...fields,
  });
  return slackSigned({ ...signing, body: body.toString(), type: "application/x-www-form-urlencoded" });
}

/** Any body, correctly signed. */
export function slackSigned(options: { body: string; secret?: string; timestamp?: number; type?: string }) {
  const { body, secret = slackSecret, timestamp = Math.floor(Date.now() / 1000), type = "application/json" } = options;
  const signature = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  const headers = {
    "content-type": type,
    "x-slack-request-timestamp": String(timestamp),
    "x-slack-signature": `v0=${signature}`,
  };
  return { method: "POST", path: "/webhooks/slack", headers, body };
}
