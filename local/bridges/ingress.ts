import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";

export interface IngressRequest {
  /** `/webhooks/<platform>` */
  path: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * `accepted`: durable, with the body that a platform would have been answered.
 * `refused`: the same request will never be accepted.
 * `unavailable`: the same request may be accepted later.
 */
export type Acceptance =
  | { kind: "accepted"; body: string }
  | { kind: "refused"; reason: string }
  | { kind: "unavailable"; reason: string };

/**
 * Statuses of a request that may pass unchanged later: too many at once, or an ingress whose settings are not right
 * yet. A message must not be thrown away because of those.
 */
const passing = [401, 403, 404, 408, 425, 429];

/** POSTs to the local front as the platform would to a public one. */
export async function postToIngress(
  url: string,
  { path, headers, body }: IngressRequest,
  signal: AbortSignal,
): Promise<Acceptance> {
  try {
    const response = await fetch(`${url}${path}`, { method: "POST", headers, body, signal });
    const text = await response.text();
    if (response.ok) return { kind: "accepted", body: text };
    const isPassing = response.status >= 500 || passing.includes(response.status);
    return { kind: isPassing ? "unavailable" : "refused", reason: `HTTP ${response.status}${said(text)}` };
  } catch {
    return { kind: "unavailable", reason: "no answer" };
  }
}

const refusalSchema = z.object({ error: z.string() });

function said(text: string): string {
  const refusal = refusalSchema.safeParse(parseJson(text));
  return refusal.success ? `: ${refusal.data.error}` : "";
}
