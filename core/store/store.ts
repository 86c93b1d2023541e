import { bodyCodec, type Blobs } from "./bodies.ts";
import { openDoors, type Doors } from "./doorbells.ts";
import { openInbox, type Inbox } from "./inbox.ts";
import { openLeases, type Leases } from "./leases.ts";
import { openRefusals, type Refusals } from "./refusals.ts";
import { openSessions, type Sessions } from "./sessions.ts";
import { openSteps, type Steps } from "./steps.ts";
import type { Table } from "./table.ts";
import { openTurns, type Turns } from "./turns.ts";

/** What a turn keeps, over one table and one bucket. */
export interface Store {
  inbox: Inbox;
  leases: Leases;
  sessions: Sessions;
  steps: Steps;
  turns: Turns;
  refusals: Refusals;
  doors: Doors;
}

export function openStore(table: Table, blobs: Blobs, now: () => number): Store {
  const bodies = bodyCodec(blobs);
  return {
    inbox: openInbox(table, now),
    leases: openLeases(table, now),
    sessions: openSessions(table, bodies),
    steps: openSteps(table, bodies),
    turns: openTurns(table, bodies),
    refusals: openRefusals(table, now),
    doors: openDoors(table, now),
  };
}
