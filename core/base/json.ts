import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Parses text that may be anything; `undefined` when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value as zstd-compressed JSON, the form in which message bodies are stored. */
export const pack = (value: unknown): Uint8Array => zstdCompressSync(JSON.stringify(value));

export const unpack = (bytes: Uint8Array): unknown => JSON.parse(zstdDecompressSync(bytes).toString("utf8"));
