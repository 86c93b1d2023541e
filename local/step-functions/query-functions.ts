/**
 * The functions AWS adds to JSONata. Source: Step Functions developer guide, "JSONata functions provided by Step
 * Functions". (`$eval` is the one JSONata function AWS leaves out; `$parse` stands in for it.)
 */
import { createHash, randomUUID } from "node:crypto";

export interface QueryFunction {
  name: string;
  /** A JSONata signature; `-` after a type would mean the context value, which AWS's functions do not use. */
  signature: string;
  run: (...parameters: never[]) => unknown;
}

const hashNames: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** AWS yields at most this many elements. */
const maxRange = 1000;

function hash(value: unknown, algorithm: string): string {
  const name = hashNames[algorithm];
  if (!name) throw new Error(`$hash knows ${Object.keys(hashNames).join(", ")}, not '${algorithm}'`);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return createHash(name).update(text).digest("hex");
}

function range(first: number, last: number, step: number): number[] {
  if (step === 0) throw new Error("$range needs a step other than 0");
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > maxRange) throw new Error(`$range yields at most ${maxRange} numbers, not ${count}`);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

function partition(list: unknown[], size: number): unknown[][] {
  if (!Number.isInteger(size) || size < 1) throw new Error("$partition needs a whole size of at least 1");
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}

/** The same seed gives the same number (mulberry32, one draw). */
function seeded(seed: number): number {
  let mixed = (Math.trunc(seed) + 0x6d2b79f5) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

export const queryFunctions = (random: () => number): QueryFunction[] => [
  { name: "uuid", signature: "<:s>", run: () => randomUUID() },
  { name: "parse", signature: "<s:x>", run: (text: string): unknown => JSON.parse(text) },
  { name: "hash", signature: "<xs:s>", run: hash },
  { name: "range", signature: "<nnn:a>", run: range },
  { name: "partition", signature: "<an:a>", run: partition },
  { name: "random", signature: "<n?:n>", run: (seed?: number) => (seed === undefined ? random() : seeded(seed)) },
];
