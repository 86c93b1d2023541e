import { newId } from "../../core/base/ids.ts";
import type { Inbound } from "../../core/conversation/inbound.ts";
import { conversationKeyOf, ownerOf } from "../../core/gateway/conversation-key.ts";

/**
 * Every text that is written carries the mark of whom it belongs to: a person, or the profile whose skills all its persons
 * share. What any tool or command answers may hold the asker's marks alone.
 */
export const markPattern = /mk[a-z0-9]+x/g;

export interface Asker {
  profile: string;
  message: Pick<Inbound, "place" | "sender">;
  conversation: string;
  owner: string;
  /** `mk…x`; of what is the asker's alone, and of what the profile shares. */
  own: string;
  shared: string;
  sessions: string[];
  /** With those that go on with an earlier one. */
  known: Set<string>;
  /** What the asker's notebooks held after the last act of the asker. */
  notes: string;
  /** The files of the asker's workspace, likewise. */
  files: string;
  /** The asker's processes that nobody has ended. */
  jobs: Set<string>;
}

/** The last two are a group and one of its members, who writes there in a thread of everybody. */
export function askerOf(profile: string, person: number, at: number, group?: string): Asker {
  const place = group
    ? { platform: "telegram", chat: group, thread: "1", kind: "group" as const }
    : { platform: "telegram", chat: String(person), kind: "direct" as const };
  const message = { place, sender: { id: String(person) } };
  const conversation = conversationKeyOf(profile, message);
  const owner = ownerOf(conversation, place, String(person));
  const shared = `mkp${Buffer.from(profile).toString("hex").replaceAll("x", "")}x`;
  const own = `mko${at}x`;
  const kept = { sessions: [], known: new Set<string>(), notes: "", files: "", jobs: new Set<string>() };
  return { profile, message, conversation, owner, own, shared, ...kept };
}

/** What an act is made of, besides who acts: somebody else, a few words, a number. */
export interface Chance {
  other: Asker;
  word: string;
  number: number;
}
export type Act = (asker: Asker, chance: Chance) => Promise<string>;

/** A session of the asker's, or one that nobody has. */
export const sessionOf = (asker: Asker): string => asker.sessions.at(-1) ?? "ses_00000000000000000000000000";

/** A message of the asker's, as its platform hands it over. */
export const inboundOf = ({ message }: Asker, text: string): Inbound => ({
  ...message,
  key: newId("claim"),
  text,
  sentAt: Date.now(),
  order: "",
});
