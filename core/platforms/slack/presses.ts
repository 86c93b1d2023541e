import * as z from "zod";
import { parseJson } from "../../base/json.ts";
import type { Inbound } from "../../conversation/inbound.ts";
import { messagesAnswered, optional, unreadable } from "../kit/body.ts";
import type { Parsed, RawResponse } from "../platform.ts";

const text = z.string().optional();
const timestamp = z.string().regex(/^\d{1,12}\.\d{1,9}$/);

const interactionSchema = z.object({ type: z.string(), actions: z.array(z.object({ type: z.string() })).default([]) });

const buttonSchema = z.object({
  type: z.literal("button"),
  value: text,
  action_ts: timestamp,
  text: z.object({ text: z.string() }).optional(),
});
type PressedButton = z.infer<typeof buttonSchema>;

/**
 * The members that we read of https://docs.slack.dev/reference/interaction-payloads/block_actions-payload. A press in a
 * modal or on the home tab has neither channel nor message.
 */
const pressSchema = z.object({
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string().min(1), name: text, team_id: text }),
  channel: z.object({ id: z.string().min(1) }).optional(),
  message: z.object({ ts: timestamp, thread_ts: text }).optional(),
  // Lists, dates and so on are nothing that we send.
  actions: z.array(
    z.union([buttonSchema, z.object({ type: z.string().refine((type) => type !== "button") }).transform(() => null)]),
  ),
});
type Press = z.infer<typeof pressSchema>;

/** Slack shows a warning at the button unless it is answered 200, with nothing in it. */
const response: RawResponse = { status: 200, body: "" };

/** The `payload` of an interactive request: a pressed button is a message; forms, shortcuts and the like are not. */
export function parseInteraction(payload: string): Parsed {
  const json = parseJson(payload);
  const interaction = interactionSchema.safeParse(json);
  if (!interaction.success) return unreadable("payload is not the JSON of an interaction.");
  const { type, actions } = interaction.data;
  if (type !== "block_actions" || actions.length === 0) return messagesAnswered(response);
  const press = pressSchema.safeParse(json);
  if (!press.success) return unreadable(`payload lacks ${press.error.issues[0]?.path.join(".")}.`);
  const pressed = press.data.actions.flatMap((button) => (button ? (inbound(press.data, button) ?? []) : []));
  return messagesAnswered(response, ...pressed);
}

function inbound({ team, user, channel, message }: Press, button: PressedButton): Inbound | undefined {
  const { action_ts, value, text: label } = button;
  if (!channel || !message || !value) return undefined;
  // The first message of a thread names itself as the thread; in its place it stands outside.
  const thread = message.thread_ts === message.ts ? undefined : message.thread_ts;
  return {
    key: `press-${channel.id}:${message.ts}:${user.id}:${action_ts}`,
    place: {
      platform: "slack",
      ...optional("workspace", team?.id ?? user.team_id),
      chat: channel.id,
      ...optional("thread", thread),
      kind: channel.id.startsWith("D") ? "direct" : "group",
    },
    sender: { id: user.id, ...optional("name", user.name) },
    text: label?.text ?? "",
    pressed: value,
    sentAt: Math.floor(Number(action_ts) * 1000),
    order: action_ts,
  };
}
