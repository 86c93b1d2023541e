import type { Inbound } from "../conversation/inbound.ts";
import type { Place } from "../conversation/place.ts";

/** Escapes the separator, so that no platform id can reach into another conversation's key. */
const part = (text: string | undefined) => encodeURIComponent(text ?? "");

/**
 * One conversation: a direct chat, a thread (shared by all in it), or one person's talk with the agent in a group.
 * It begins with the profile: nothing crosses profiles.
 */
export function conversationKeyOf(profile: string, { place, sender }: Pick<Inbound, "place" | "sender">): string {
  const isSharedThread = place.kind === "direct" || place.thread !== undefined;
  const parts = [profile, place.platform, place.workspace, place.kind, place.chat, place.thread];
  return [...parts, isSharedThread ? undefined : sender.id].map(part).join(":");
}

/** The profile of a conversation key. */
export const profileOf = (conversation: string): string => decodeURIComponent(conversation.split(":")[0] ?? "");

/** Who a session belongs to: the person in a direct chat; in a group only what the group was told, so its conversation. */
export const ownerOf = (conversation: string, place: Place, senderId: string): string =>
  place.kind === "direct" ? `${part(place.platform)}:${part(place.workspace)}:${part(senderId)}` : conversation;

/** The one person who speaks in what belongs to this owner, as `platform:user id`; `undefined` where several do. */
export function personOf(owner: string): string | undefined {
  const parts = owner.split(":").map(decodeURIComponent);
  const [platform, sender] = parts.length === 3 ? [parts[0], parts[2]] : [parts[1], parts[6]];
  return sender ? `${platform}:${sender}` : undefined;
}
