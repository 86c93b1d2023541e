/** Primary keys of the one table; ARCHITECTURE.md has the list. Only core/store knows them. */

const turnDigits = 8;
const stepDigits = 5;
const padded = (value: number, digits: number) => String(value).padStart(digits, "0");

export interface Key {
  pk: string;
  sk: string;
}

export const conversationKey = (conversation: string): Key => ({ pk: `C#${conversation}`, sk: "META" });

export const inboxKey = (conversation: string, key: string): Key => ({ pk: `C#${conversation}`, sk: `IN#${key}` });

export const mailboxKey = (conversation: string, id: string): Key => ({ pk: `C#${conversation}`, sk: `OUT#${id}` });
export const mailboxPrefix = "OUT#";

export const sessionKey = (session: string): Key => ({ pk: `S#${session}`, sk: "META" });

export const stepKey = (session: string, turn: number, step: number): Key => ({
  pk: `S#${session}`,
  sk: `ST#${padded(turn, turnDigits)}#${padded(step, stepDigits)}`,
});

/** Sorts after every step of a session. */
export const lastStepKey = "ST#~";

export const turnKey = (session: string, turn: number): Key => ({
  pk: `S#${session}`,
  sk: `TU#${padded(turn, turnDigits)}`,
});

/** A job that may ring (doorbells.ts). */
export const doorKey = (job: string): Key => ({ pk: `W#${job}`, sk: "WAIT" });

export const notebookKey = (profile: string, notebook: string): Key => ({ pk: `P#${profile}`, sk: `MEM#${notebook}` });

export const refusalKey = (profile: string, identity: string): Key => ({
  pk: `P#${profile}`,
  sk: `REFUSED#${identity}`,
});

/** Index names, as in stacks/manifest.ts (a test compares them). */
export const pendingIndex = "pending";
export const listingIndex = "listing";

/**
 * How the state machine writes its task token into a conversation that is parked (leases.ts). Fails when the turn was woken
 * before.
 */
export const tokenUpdate = {
  update: "SET taskToken = :token",
  condition: "parked = :parking AND attribute_not_exists(woken)",
} as const;

/** What is known of a workspace: its machine, its snapshot, its last use. */
export const workspaceKey = (profile: string, workspace: string): Key => ({
  pk: `P#${profile}`,
  sk: `SHELL#${workspace}`,
});

export const allowedAlwaysKey = (profile: string, owner: string): Key => ({ pk: `P#${profile}`, sk: `ALLOW#${owner}` });
export const allowedInSessionKey = (session: string): Key => ({ pk: `S#${session}`, sk: "ALLOW" });

/** What an external memory recalled ahead of an owner's next message. */
export const recalledKey = (profile: string, owner: string): Key => ({ pk: `P#${profile}`, sk: `RECALLED#${owner}` });

export const skillKey = (profile: string, name: string): Key => ({ pk: `P#${profile}`, sk: `SKILL#${name}` });
/** Every skill of a profile begins so. */
export const skillPrefix = "SKILL#";

/** The review of a turn; one that a person asked for stands beside the one that came by itself. */
export const reviewKey = (session: string, turn: number, asked: string): Key => ({
  pk: `S#${session}`,
  sk: `RV#${padded(turn, turnDigits)}${asked === "" ? "" : `#ASKED#${asked}`}`,
});

/** What background work has used: `month` is `2026-11`, `id` tells the rows of a task apart. */
export const costKey = (profile: string, month: string, task: string, id: string): Key => ({
  pk: `P#${profile}`,
  sk: `COST#${month}#${task}#${id}`,
});

/** Which segments hold what an owner said in a month (`yyyy-mm`); `owner` is a hash. */
export const segmentsKey = (profile: string, owner: string, month: string): Key => ({
  pk: `P#${profile}`,
  sk: `${segmentsPrefix(owner)}${month}`,
});
export const segmentsPrefix = (owner: string): string => `SEARCH#${owner}#`;

/** What the curator wants to change (proposals.ts); the one with an empty id counts them. */
export const proposalKey = (profile: string, id: string): Key => ({ pk: `P#${profile}`, sk: `PROPOSAL#${id}` });
export const proposalPrefix = "PROPOSAL#";

/** When the profile was last in use (activity.ts). */
export const activityKey = (profile: string): Key => ({ pk: `P#${profile}`, sk: "ACTIVITY" });

/** What the curator remembers between runs, and which questions it has asked. */
export const curatorKey = (profile: string): Key => ({ pk: `P#${profile}`, sk: "CURATOR" });
export const questionKey = (profile: string, question: string): Key => ({
  pk: `P#${profile}`,
  sk: `CURATOR#${question}`,
});

/** One line of the ledger; ids sort by time. */
export const ledgerPrefix = "LED#";
export const ledgerKey = (profile: string, id: string): Key => ({ pk: `P#${profile}`, sk: `${ledgerPrefix}${id}` });

/** What the numbers of a person's last list of notes stand for. */
export const memoryListingKey = (profile: string, owner: string): Key => ({
  pk: `P#${profile}`,
  sk: `MEMLIST#${owner}`,
});
