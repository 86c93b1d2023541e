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

export const notebookKey = (profile: string, notebook: string): Key => ({ pk: `P#${profile}`, sk: `MEM#${notebook}` });

export const refusalKey = (profile: string, identity: string): Key => ({
  pk: `P#${profile}`,
  sk: `REFUSED#${identity}`,
});

/** Index names, as in stacks/manifest.ts (a test compares them). */
export const pendingIndex = "pending";
export const listingIndex = "listing";
