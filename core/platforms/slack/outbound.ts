import type { Logger, WebAPIPlatformError, WebClient } from "@slack/web-api";
import { isKind, refused, type TalariaError } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import type { Place } from "../../conversation/place.ts";
import { failing, rateLimited, unreachable } from "../kit/http.ts";
import type { Outbound } from "../platform.ts";

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
  return {
    async send(place, rendered) {
      const content = { channel: place.chat, markdown_text: rendered, unfurl_links: false, unfurl_media: false };
      const thread = place.thread === undefined ? {} : { thread_ts: place.thread };
      const { ts } = await call(() => client.chat.postMessage({ ...content, ...thread }));
      return { id: ts ?? "" };
    },
    async edit(place, id, rendered) {
      await call(() => client.chat.update({ channel: place.chat, ts: id, markdown_text: rendered }));
    },
    typing: (place) => showStatus(client, call, place),
  };
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
