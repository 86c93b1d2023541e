import type { Key } from "./keys.ts";
import { allowedAlwaysKey, allowedInSessionKey } from "./keys.ts";
import type { Table } from "./table.ts";

/** Rules of the command guard that a person has allowed: from now on everywhere, or in one session. */
export interface AllowedRules {
  of(about: { profile: string; owner: string; session: string }): Promise<string[]>;
  add(
    about: { profile: string; owner: string; session: string },
    rules: readonly string[],
    scope: "session" | "always",
  ): Promise<void>;
}

export function openAllowedRules(table: Table): AllowedRules {
  async function read(key: Key): Promise<string[]> {
    const item = await table.get(key);
    return Object.keys((item?.["allowed"] as Record<string, boolean> | undefined) ?? {});
  }

  /** Each rule is a key of a map, so that two answers at once lose nothing. */
  async function add(key: Key, rules: readonly string[]): Promise<void> {
    await table.put(key, { allowed: {} });
    for (const rule of rules) {
      await table.change(key, {
        update: "SET allowed.#rule = :yes",
        names: { "#rule": rule },
        values: { ":yes": true },
      });
    }
  }

  return {
    async of({ profile, owner, session }) {
      const [always, here] = await Promise.all([
        read(allowedAlwaysKey(profile, owner)),
        read(allowedInSessionKey(session)),
      ]);
      return [...always, ...here];
    },
    add: ({ profile, owner, session }, rules, scope) =>
      add(scope === "always" ? allowedAlwaysKey(profile, owner) : allowedInSessionKey(session), rules),
  };
}
