import * as z from "zod";
import type { Key } from "./keys.ts";
import { allowedAlwaysKey, allowedInSessionKey } from "./keys.ts";
import type { Item, Table } from "./table.ts";

export type AllowedScope = "session" | "always";

export interface AllowedRule {
  rule: string;
  scope: AllowedScope;
  /** Milliseconds since 1970; absent: it was allowed before times were kept. */
  at?: number;
}

/** Whose rules: the owner's from now on everywhere, and those of one session. */
export interface AllowedAbout {
  profile: string;
  owner: string;
  session: string;
}

/** Rules of the command guard that a person has allowed: from now on everywhere, or in one session. */
export interface AllowedRules {
  /** In the order in which they were allowed. */
  list(about: AllowedAbout): Promise<AllowedRule[]>;
  add(about: AllowedAbout, rules: readonly string[], scope: AllowedScope): Promise<void>;
  /** Everywhere and in this session; again is no harm. */
  remove(about: AllowedAbout, rule: string): Promise<void>;
  /** The last list that was shown in this session: what its numbers stand for. */
  listed(session: string): Promise<string[]>;
  saveListed(session: string, rules: readonly string[]): Promise<void>;
  /** One more command that the model denied in this session; returns how many it has denied in a row. */
  addDenial(session: string): Promise<number>;
  /** The row of denials is over. */
  endDenials(session: string): Promise<void>;
}

const scopes: readonly AllowedScope[] = ["always", "session"];

export function openAllowedRules(table: Table, now: () => number): AllowedRules {
  const keyOf = ({ profile, owner, session }: AllowedAbout, scope: AllowedScope): Key =>
    scope === "always" ? allowedAlwaysKey(profile, owner) : allowedInSessionKey(session);

  async function read(about: AllowedAbout, scope: AllowedScope): Promise<AllowedRule[]> {
    return rulesIn(await table.get(keyOf(about, scope))).map((rule) => ({ ...rule, scope }));
  }

  return {
    async list(about) {
      const both = await Promise.all(scopes.map((scope) => read(about, scope)));
      return both.flat().sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
    },

    /** Each rule is a key of a map, so that two answers at once lose nothing. */
    async add(about, rules, scope) {
      const key = keyOf(about, scope);
      await table.change(key, withMap);
      for (const rule of rules) {
        await table.change(key, {
          update: "SET allowed.#rule = if_not_exists(allowed.#rule, :at)",
          names: { "#rule": rule },
          values: { ":at": now() },
        });
      }
    },

    async remove(about, rule) {
      const change = {
        update: "REMOVE allowed.#rule",
        condition: "attribute_exists(allowed.#rule)",
        names: { "#rule": rule },
      };
      await Promise.all(scopes.map((scope) => table.change(keyOf(about, scope), change)));
    },

    async listed(session) {
      const item = await table.get(allowedInSessionKey(session));
      return z.array(z.string()).parse(item?.["listed"] ?? []);
    },

    async saveListed(session, rules) {
      await table.change(allowedInSessionKey(session), { update: "SET listed = :rules", values: { ":rules": rules } });
    },

    async addDenial(session) {
      const item = await table.change(allowedInSessionKey(session), {
        update: "ADD denials :one",
        values: { ":one": 1 },
        returning: true,
      });
      return z.number().parse(item?.["denials"]);
    },

    async endDenials(session) {
      const change = { update: "REMOVE denials", condition: "attribute_exists(denials)" };
      await table.change(allowedInSessionKey(session), change);
    },
  };
}

/** There is nothing to add a rule to without it. */
const withMap = { update: "SET allowed = if_not_exists(allowed, :none)", values: { ":none": {} } };

/** Before times were kept, a rule was there with `true`. */
const rulesIn = (item: Item | undefined): Pick<AllowedRule, "rule" | "at">[] =>
  Object.entries((item?.["allowed"] as Record<string, number | true> | undefined) ?? {}).map(([rule, at]) =>
    at === true ? { rule } : { rule, at },
  );
