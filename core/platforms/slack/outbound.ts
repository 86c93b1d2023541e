import type { Logger, WebAPIPlatformError, WebClient } from "@slack/web-api";
import { isKind, refused, type TalariaError } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import type { Place } from "../../conversation/place.ts";
import { failing, rateLimited, unreachable } from "../kit/http.ts";
import { distinctLabels, endForButtons } from "../kit/buttons.ts";
import type { Button, Outbound } from "../platform.ts";

const service = "Slack";
const timeoutMs = 20_000;

/** Runs one call and throws its failure as a TalariaError. */
type Call = <T>(run: () => Promise<T>) => Promise<T>;

export async function connectSlack(settings: Settings): Promise<Outbound> {
  const { LogLevel, WebClient, ...errors } = await import("@slack/web-api");
  const url = settings["SLACK_API_URL"];
  const client = new WebClient(settings["SLACK_BOT_TOKEN"], {
    ...(url && { slackApiUrl: url }),
    // Retries belong to the state machine: here they would hold a function open.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    logger: silentLogger(LogLevel.ERROR),
  });
  return outbound(client, async (run) => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof errors.WebAPIRateLimitedError) throw rateLimited(service, error.retryAfter);
      if (error instanceof errors.WebAPIPlatformError) throw classify(error.data);
      if (error instanceof errors.WebAPIHTTPError) throw classifyStatus(error.statusCode);
      throw error instanceof errors.WebAPIRequestError ? unreachable(service) : error;
    }
  });
}

/** The client logs to the console unless told otherwise; what matters of a failure is in our error. */
const silentLogger = (level: ReturnType<Logger["getLevel"]>): Logger => ({
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => level,
});

function outbound(client: WebClient, call: Call): Outbound {
  async function post({ chat, thread }: Place, content: Content): Promise<string> {
    const where = { channel: chat, unfurl_links: false, unfurl_media: false };
    const inThread = thread === undefined ? {} : { thread_ts: thread };
    const { ts } = await call(() => client.chat.postMessage({ ...where, ...inThread, ...content }));
    return ts ?? "";
  }
  return {
    async send(place, rendered, { buttons = [] }) {
      if (buttons.length === 0) return { id: await post(place, { markdown_text: rendered }) };
      const [ahead, question] = endForButtons(rendered, maxQuestionLength);
      if (ahead !== "") await post(place, { markdown_text: ahead });
      return { id: `${await post(place, asBlocks(question, buttons))}${ofBlocks}` };
    },
    async edit({ chat: channel }, id, rendered) {
      const ts = id.replace(ofBlocks, "");
      if (ts === id) await call(() => client.chat.update({ channel, ts, markdown_text: rendered }));
      else await call(() => client.chat.update({ channel, ts, ...asBlocks(rendered, []) }));
    },
    typing: (place) => showStatus(client, call, place),
  };
}

/**
 * Ends the id of a message that was made of blocks. An edit leaves the blocks of a message alone unless it brings blocks
 * itself (https://docs.slack.dev/reference/methods/chat.update), and its buttons would stay.
 */
const ofBlocks = "+blocks";

/** https://docs.slack.dev/reference/block-kit/block-elements/button-element: 75 characters. */
const maxLabelLength = 75;
const maxNotificationLength = 3_000;
/** All blocks of a message share some 13,000 characters (github.com/slackapi/bolt-js, issue 2509). */
const maxQuestionLength = 9_000;

type Content = { markdown_text: string } | ReturnType<typeof asBlocks>;

/** `text` is what a notification shows, and a client that shows no blocks. */
const asBlocks = (markdown: string, buttons: readonly Button[]) => ({
  text: markdown.slice(0, maxNotificationLength),
  blocks: [
    { type: "markdown" as const, text: markdown },
    ...(buttons.length === 0 ? [] : [{ type: "actions" as const, elements: asElements(buttons) }]),
  ],
});

function asElements(buttons: readonly Button[]) {
  const labels = distinctLabels(buttons, maxLabelLength);
  return buttons.map(({ payload }, index) => ({
    type: "button" as const,
    // Must be unique within the message.
    action_id: `answer-${index}`,
    text: { type: "plain_text" as const, text: labels[index] ?? "", emoji: true },
    value: payload,
  }));
}

/** Slack shows a status in a thread only, and only where the app may set one: anywhere else there is just no sign. */
async function showStatus(client: WebClient, call: Call, { chat, thread }: Place): Promise<void> {
  if (thread === undefined) return;
  const status = { channel_id: chat, thread_ts: thread, status: "is thinking…" };
  try {
    await call(() => client.assistant.threads.setStatus(status));
  } catch (error) {
    if (!isKind(error, "refused")) throw error;
  }
}

/** Errors of Slack itself: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const passing = ["internal_error", "fatal_error", "service_unavailable", "request_timeout"];
const unauthorized = ["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"];

function classify(answer: WebAPIPlatformError["data"] & { needed?: string }): TalariaError {
  const { error, needed } = answer;
  if (error === "ratelimited" || error === "rate_limited") return rateLimited(service, undefined);
  if (passing.includes(error)) return failing(service, error);
  if (unauthorized.includes(error)) {
    const message = `Slack does not accept SLACK_BOT_TOKEN (${error}): install the app again and copy its bot token.`;
    return refused(message, { code: "platform.unauthorized" });
  }
  if (error === "missing_scope") {
    const message = `The Slack app lacks the scope ${needed ?? "it needs"}: add it and install the app again.`;
    return refused(message, { code: "platform.unauthorized" });
  }
  if (error === "not_in_channel" || error === "channel_not_found") {
    const message = `The Slack app is not in that channel (${error}): invite it there.`;
    return refused(message, { code: "platform.blocked" });
  }
  return refused(`Slack refused the message: ${error}.`, { code: "platform.refused" });
}

const classifyStatus = (status: number): TalariaError =>
  status >= 500 ? failing(service, status) : refused(`Slack refused the request (HTTP ${status}).`);
