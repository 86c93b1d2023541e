import * as z from "zod";
import { bodyText, messages, nothing, optional, readJson, unreadable } from "../kit/body.ts";
import type { Parsed, RawRequest } from "../platform.ts";
import { envelopeSchema, messageOf, type Envelope } from "./events.ts";
import { parseInteraction } from "./presses.ts";

/** Events arrive as JSON; slash commands and interactivity as forms. One address serves all of them. */
export function parseSlack(request: RawRequest): Parsed {
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return isForm ? parseForm(request) : readJson(request, envelopeSchema, readEnvelope);
}

function readEnvelope(envelope: Envelope): Parsed {
  if (envelope.type === "url_verification") {
    const body = envelope.challenge ?? "";
    return { kind: "answer", response: { status: 200, headers: { "content-type": "text/plain" }, body } };
  }
  const message = envelope.type === "event_callback" ? messageOf(envelope) : undefined;
  return message ? messages(message) : nothing;
}

const commandSchema = z.object({
  team_id: z.string(),
  channel_id: z.string(),
  user_id: z.string(),
  user_name: z.string().optional(),
  command: z.string(),
  text: z.string().default(""),
  trigger_id: z.string(),
});
type Command = z.infer<typeof commandSchema>;

function parseForm(request: RawRequest): Parsed {
  const fields = Object.fromEntries(new URLSearchParams(bodyText(request)));
  // Slack's check of the certificate.
  if (fields["ssl_check"]) return nothing;
  if (fields["payload"] !== undefined) return parseInteraction(fields["payload"]);
  const command = commandSchema.safeParse(fields);
  if (!command.success) return unreadable(`The form lacks ${command.error.issues[0]?.path.join(".")}.`);
  return readCommand(command.data, request.headers["x-slack-request-timestamp"] ?? "0");
}

/** `/talaria what is next` says "what is next". A command has no message: its trigger id is its key. */
function readCommand(command: Command, timestamp: string): Parsed {
  const text = command.text.trim();
  if (text === "") return usage(command.command);
  return messages({
    key: command.trigger_id,
    place: {
      platform: "slack",
      workspace: command.team_id,
      chat: command.channel_id,
      kind: command.channel_id.startsWith("D") ? "direct" : "group",
    },
    sender: { id: command.user_id, ...optional("name", command.user_name) },
    text,
    sentAt: Number(timestamp) * 1000,
    order: `${timestamp}.${command.trigger_id}`,
  });
}

const usage = (command: string): Parsed => ({
  kind: "answer",
  response: {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ response_type: "ephemeral", text: `Write what you want after the command: ${command} …` }),
  },
});
