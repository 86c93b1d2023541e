import type { Inbound } from "../conversation/inbound.ts";
import type { Platform } from "../platforms/platform.ts";

export interface AllowList {
  everybody: boolean;
  /** `platform:user id`, as `/whoami` prints it. */
  identities: ReadonlySet<string>;
}

/** Reads `TALARIA_ALLOWED_USERS`: `telegram:123,slack:U1`, or `*` for everybody. Empty allows nobody. */
export function parseAllowList(text: string | undefined): AllowList {
  const entries = (text ?? "")
    .split(/[\s,]+/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return { everybody: entries.includes("*"), identities: new Set(entries) };
}

export const identityOf = (message: Inbound): string => `${message.place.platform}:${message.sender.id}`;

/** Denies by default; a platform that authenticates its senders itself needs no list. */
export const isAllowed = (message: Inbound, platform: Platform, list: AllowList): boolean =>
  platform.trusted === true || list.everybody || list.identities.has(identityOf(message));
