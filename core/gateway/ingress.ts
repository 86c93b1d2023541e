import { messageOf } from "../base/errors.ts";
import { missingSettings, type Settings } from "../base/settings.ts";
import type { Mailbox } from "../platforms/mailbox.ts";
import type { Parsed, Platform, RawRequest, RawResponse } from "../platforms/platform.ts";
import { admit, type AdmitPorts } from "./admit.ts";

export interface IngressPorts extends AdmitPorts {
  /** The platform of this name, or `undefined`. */
  platform(name: string): Promise<Platform | undefined>;
  settings: Settings;
  mailbox(platform: string): Mailbox;
}

/** Longest text of one message, in UTF-16 units: it must fit an item of the table beside its envelope. */
const maxTextLength = 100_000;

/** Largest body that any platform sends us, as for Hermes Agent. */
export const maxBodyBytes = 1_048_576;

const json = (status: number, body: object): RawResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

const refusal = (status: number, error: string) => json(status, { error });

/**
 * `/webhooks/<platform>`: verify, parse, admit, and only then 200. Nothing of a request is believed before its
 * signature is; nothing is answered 200 before it is durable.
 */
export async function receive(request: RawRequest, ports: IngressPorts): Promise<RawResponse> {
  const name = /^\/webhooks\/([a-z0-9-]+)\/?$/.exec(request.path)?.[1];
  const platform = name === undefined ? undefined : await ports.platform(name);
  if (!platform) return refusal(404, "There is no such platform here.");
  if (request.method !== "POST" && request.method !== "GET") return refusal(405, "Send a POST.");
  if (request.body.length > maxBodyBytes) return refusal(413, `The body is larger than ${maxBodyBytes} bytes.`);
  const missing = missingSettings(platform.settings, ports.settings);
  if (missing.length > 0) {
    ports.log.warn("ingress.not-set-up", { platform: platform.name, missing: missing.join(",") });
    return refusal(404, `${platform.name} is not set up here.`);
  }
  const verdict = platform.verify(request, ports.settings, ports.clock.now());
  if (!verdict.ok) {
    ports.log.warn("ingress.refused", { platform: platform.name, reason: verdict.reason });
    return refusal(401, verdict.reason);
  }
  return answer(platform.parse(request, ports.settings), platform, ports);
}

async function answer(parsed: Parsed, platform: Platform, ports: IngressPorts): Promise<RawResponse> {
  if (parsed.kind === "unreadable") return refusal(400, parsed.reason);
  if (parsed.kind === "answer") return parsed.response;
  if (parsed.kind === "mailbox")
    return json(200, { letters: await ports.mailbox(platform.name).after(parsed.chat, parsed.after) });
  if (parsed.messages.some(({ text }) => text.length > maxTextLength))
    return refusal(400, `A message is longer than ${maxTextLength} characters. Send it in parts, or as a file.`);
  try {
    for (const message of parsed.messages) await admit(message, platform, ports);
    return parsed.response ?? json(200, { ok: true });
  } catch (error) {
    ports.log.error("ingress.failed", { platform: platform.name, reason: messageOf(error) });
    return refusal(503, "The message could not be accepted just now. Send it again.");
  }
}
