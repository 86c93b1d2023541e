import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Verdict } from "../platform.ts";

export type Encoding = "hex" | "base64";

/** HMAC-SHA256 over the chunks one after the other: a body is signed as the bytes it came as. */
export function hmacSha256(
  key: string | Uint8Array,
  chunks: readonly (string | Uint8Array)[],
  encoding: Encoding,
): string {
  const hmac = createHmac("sha256", key);
  for (const chunk of chunks) hmac.update(chunk);
  return hmac.digest(encoding);
}

/** Compares in a time that tells nothing about either text, not even whether the lengths are equal. */
export function isEqualSecret(given: string, expected: string): boolean {
  return timingSafeEqual(sha256(given), sha256(expected));
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

export const accepted: Verdict = { ok: true };

export const rejected = (reason: string): Verdict => ({ ok: false, reason });

/** How far a signed timestamp may lie from now, in either direction: Slack's and Standard Webhooks' five minutes. */
const maxClockSkewSeconds = 300;

/** Whether a timestamp header (whole seconds since 1970) is recent. */
export function isRecent(seconds: string | undefined, nowMs: number): boolean {
  if (seconds === undefined || !/^\d{1,12}$/.test(seconds)) return false;
  return Math.abs(nowMs / 1000 - Number(seconds)) <= maxClockSkewSeconds;
}
