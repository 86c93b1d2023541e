import { hmacSha256 } from "../../core/platforms/kit/signature.ts";
import type { IngressRequest } from "./ingress.ts";

/** What Slack sends over the socket, as far as it is handed on: https://docs.slack.dev/apis/events-api/using-socket-mode */
export interface SlackEnvelope {
  type: string;
  /** The very object that Slack would have posted. */
  body: Record<string, unknown>;
}

/** The request that Slack would have made over HTTP; undefined for a kind of envelope that has none. */
export function slackRequest(envelope: SlackEnvelope, secret: string, nowMs: number): IngressRequest | undefined {
  const content = contentOf(envelope);
  if (!content) return undefined;
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    path: "/webhooks/slack",
    headers: {
      "content-type": content.type,
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": `v0=${hmacSha256(secret, [`v0:${timestamp}:${content.body}`], "hex")}`,
    },
    body: content.body,
  };
}

const formType = "application/x-www-form-urlencoded";

function contentOf({ type, body }: SlackEnvelope): { type: string; body: string } | undefined {
  if (type === "events_api") return { type: "application/json", body: JSON.stringify(body) };
  if (type === "slash_commands") return { type: formType, body: formOf(body) };
  if (type === "interactive") return { type: formType, body: formOf({ payload: JSON.stringify(body) }) };
  return undefined;
}

/** A command's fields are texts; one without a value is left out. */
function formOf(fields: Record<string, unknown>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string" || typeof value === "boolean") form.set(name, String(value));
  }
  return form.toString();
}
