import type { Settings } from "../base/settings.ts";
import type { Inbound } from "../conversation/inbound.ts";
import type { Platform } from "../platforms/platform.ts";

/** Who may come, and who decides what is everybody's. */
export interface AllowList {
  everybody: boolean;
  /** `platform:user id`, as `/whoami` prints it. */
  identities: ReadonlySet<string>;
  /** Likewise; empty where nobody is named. */
  owners: ReadonlySet<string>;
}

const entriesOf = (text: string | undefined): Set<string> => new Set((text ?? "").split(/[\s,]+/).filter(Boolean));

/** Reads `TALARIA_ALLOWED_USERS`, `telegram:123,slack:U1` or `*` for everybody, and `TALARIA_OWNERS`. Empty allows nobody. */
export function allowListOf(settings: Settings): AllowList {
  const identities = entriesOf(settings["TALARIA_ALLOWED_USERS"]);
  return { everybody: identities.has("*"), identities, owners: entriesOf(settings["TALARIA_OWNERS"]) };
}

export const identityOf = ({ place, sender }: Pick<Inbound, "place" | "sender">): string =>
  `${place.platform}:${sender.id}`;

/** Denies by default; a platform that authenticates its senders itself needs no list. */
export const isAllowed = (message: Inbound, platform: Platform, list: AllowList): boolean =>
  platform.trusted === true ||
  list.everybody ||
  list.identities.has(identityOf(message)) ||
  list.owners.has(identityOf(message));

/** Our own page and terminal, and programs that hold the webhook's secret: the platforms that are `trusted`. */
const operator = /^(web|webhook):/;

/**
 * Whether this identity decides what everybody shares. Where no owner is named, everybody is one who was let in by name;
 * where anybody may come, only the operator.
 */
export function isOwner(identity: string | undefined, { everybody, owners }: AllowList): boolean {
  if (identity !== undefined && operator.test(identity)) return true;
  return owners.size > 0 ? identity !== undefined && owners.has(identity) : !everybody;
}
