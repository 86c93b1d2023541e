import * as z from "zod";
import type { Inbound } from "../../conversation/inbound.ts";
import type { Place } from "../../conversation/place.ts";
import { optional } from "../kit/body.ts";
import { mentions, plainFromSlack, withoutLeadingMention } from "./text.ts";

const text = z.string().optional();

/** The members of `message` and `app_mention` that we read: https://docs.slack.dev/reference/events/message */
const eventSchema = z.object({
  type: z.string(),
  subtype: text,
  bot_id: text,
  user: text,
  text: z.string().default(""),
  channel: z.unknown(),
  channel_type: text,
  ts: text,
  thread_ts: text,
  files: z.array(z.object({ name: z.string().nullish(), mimetype: z.string().nullish() })).default([]),
});
type SlackEvent = z.infer<typeof eventSchema>;

/** https://docs.slack.dev/apis/events-api/#event-type-structure */
export const envelopeSchema = z.object({
  type: z.string(),
  challenge: text,
  team_id: text,
  event: eventSchema.optional(),
  /** For whom Slack sent this: the agent's own user id, known without asking. */
  authorizations: z.array(z.object({ user_id: z.string(), is_bot: z.boolean().optional() })).nullish(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** Messages of a person: plain, with files, and a thread's answer that was also sent to the channel. */
const spokenSubtypes: readonly (string | undefined)[] = [undefined, "file_share", "thread_broadcast"];

/** The message that an event brings to the agent; undefined when it brings none. */
export function messageOf({ team_id, event, authorizations }: Envelope): Inbound | undefined {
  if (!event || (event.type !== "message" && event.type !== "app_mention")) return undefined;
  const { user, ts, channel, bot_id, subtype } = event;
  const botUserId = authorizations?.find(({ is_bot }) => is_bot)?.user_id;
  if (bot_id || !spokenSubtypes.includes(subtype) || !user || user === botUserId) return undefined;
  if (!ts || typeof channel !== "string" || !isForAgent(event, channel, botUserId)) return undefined;
  const spoken = spokenText(event, botUserId);
  if (spoken === "") return undefined;
  return {
    // A mention arrives twice, as message and as app_mention: both are the same message of the channel.
    key: `${channel}:${ts}`,
    place: placeOf(event, channel, ts, team_id),
    sender: { id: user },
    text: spoken,
    sentAt: Math.floor(Number(ts) * 1000),
    order: ts,
  };
}

const isDirect = ({ channel_type }: SlackEvent, channel: string) => channel_type === "im" || channel.startsWith("D");

/**
 * In a direct chat everything is for the agent; elsewhere only what mentions it. An answer in a thread is not enough:
 * whether the agent takes part in that thread cannot be known from the event.
 */
function isForAgent(event: SlackEvent, channel: string, botUserId: string | undefined): boolean {
  if (isDirect(event, channel) || event.type === "app_mention") return true;
  return botUserId !== undefined && mentions(event.text, botUserId);
}

function placeOf(event: SlackEvent, channel: string, ts: string, team: string | undefined): Place {
  const direct = isDirect(event, channel);
  return {
    platform: "slack",
    ...optional("workspace", team),
    chat: channel,
    // In a channel the answer opens a thread under the question, and that thread is the conversation.
    ...optional("thread", event.thread_ts ?? (direct ? undefined : ts)),
    kind: direct ? "direct" : "group",
  };
}

function spokenText({ text: written, files }: SlackEvent, botUserId: string | undefined): string {
  const spoken = plainFromSlack(withoutLeadingMention(written, botUserId)).trim();
  const attached = files.map(({ name, mimetype }) => `[${mediaKind(mimetype)}${name ? `: ${name}` : ""}]`);
  return [...attached, spoken].filter(Boolean).join("\n");
}

const mediaKind = (mimetype: string | null | undefined): string => (mimetype?.startsWith("image/") ? "photo" : "file");
