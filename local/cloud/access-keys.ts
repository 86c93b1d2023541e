import { randomBytes } from "node:crypto";

/** A new one for every start: whoever does not have it cannot use the cloud. It has the form of a real key. */
const makeAccessKeyId = (): string => `AKIA${randomBytes(16).toString("hex").toUpperCase()}`;

/** What requests are signed with, so that the cloud knows whose they are. */
export interface AccessKeys {
  /** Of this process, and of functions that run in it. */
  own: string;
  /** Of a function that runs apart. */
  of(name: string): string;
  /** Who signed with this key: a function's name, `own`, or nobody we know. */
  holder(accessKeyId: string): { name: string | undefined } | undefined;
}

export function makeAccessKeys(): AccessKeys {
  const own = makeAccessKeyId();
  const keys = new Map<string, string>();
  const names = new Map<string, string | undefined>([[own, undefined]]);
  return {
    own,
    of(name) {
      const key = keys.get(name) ?? makeAccessKeyId();
      keys.set(name, key);
      names.set(key, name);
      return key;
    },
    holder: (accessKeyId) => (names.has(accessKeyId) ? { name: names.get(accessKeyId) } : undefined),
  };
}
