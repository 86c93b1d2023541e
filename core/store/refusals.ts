import { refusalKey } from "./keys.ts";
import type { Table } from "./table.ts";

const keptSeconds = 30 * 24 * 3600;

export interface Refusals {
  /** True the first time in thirty days that this stranger is met: only then a refusal is sent. */
  isFirst(profile: string, identity: string): Promise<boolean>;
}

export const openRefusals = (table: Table, now: () => number): Refusals => ({
  isFirst: (profile, identity) =>
    table.put(refusalKey(profile, identity), { expiresAt: Math.floor(now() / 1000) + keptSeconds }),
});
