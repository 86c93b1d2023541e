import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import type { Bridge, BridgeOptions } from "./bridge.ts";
import { postToIngress } from "./ingress.ts";
import { createPatience } from "./patience.ts";
import { slackRequest } from "./slack-request.ts";
import { runSocket, type ReceivedEnvelope } from "./slack-socket.ts";
import { appTokenName, troubleOfEnd, troubleOfStart, type Trouble } from "./slack-trouble.ts";

const secretName = "SLACK_SIGNING_SECRET";

/** Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode */
export const slackBridge: Bridge = {
  platform: "slack",
  means: "Socket Mode",
  needs: ["SLACK_BOT_TOKEN", appTokenName],
  secret: secretName,
  async run(options) {
    const { signal, notify } = options;
    const patience = createPatience({ ...options, recovered: "Slack: connected again." });
    while (!signal.aborted) {
      const trouble = await untilDisconnected(options, () => patience.succeeded());
      if (signal.aborted) return;
      if (trouble?.isFinal) return notify(trouble.line);
      if (trouble) await patience.failed(trouble.line, trouble.pauseMs);
    }
  },
};

/** One connection from its opening to its end; undefined when Slack only asks for a new one. */
async function untilDisconnected(options: BridgeOptions, onConnected: () => void): Promise<Trouble | undefined> {
  const { settings, signal } = options;
  try {
    const reason = await runSocket({
      appToken: settings[appTokenName] ?? "",
      apiUrl: settings["SLACK_API_URL"],
      signal,
      onConnected,
      onEnvelope: (envelope) => void handOver(envelope, options),
    });
    return troubleOfEnd(reason);
  } catch (error) {
    return troubleOfStart(error);
  }
}

/** Acknowledges what the ingress has accepted, and only that: Slack sends an event again that nobody acknowledged. */
async function handOver(envelope: ReceivedEnvelope, options: BridgeOptions): Promise<void> {
  const { url, settings, clock, signal, notify } = options;
  const request = slackRequest(envelope, settings[secretName] ?? "", clock.now());
  if (!request) return envelope.acknowledge();
  const acceptance = await postToIngress(url, request, signal);
  if (acceptance.kind === "accepted") return envelope.acknowledge(answerOf(envelope, acceptance.body));
  if (!signal.aborted)
    notify(
      `A message from Slack was not accepted (${acceptance.reason}). Slack sends events again, commands and pressed buttons not.`,
    );
}

const answerSchema = z.looseObject({ text: z.string() });

/** The words that a command is answered with at once, if there are any. */
function answerOf({ acceptsAnswer }: ReceivedEnvelope, body: string): Record<string, unknown> | undefined {
  return acceptsAnswer ? answerSchema.safeParse(parseJson(body)).data : undefined;
}
