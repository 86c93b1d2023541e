import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import * as z from "zod";
import { messageOf } from "../../core/base/errors.ts";

/**
 * One HTTP exchange with a machine that only the shells' network reaches. Bodies travel as base64; the caller keeps them
 * within what Lambda carries (core/shells/exec-agent/protocol.ts).
 */
const relayedSchema = z.object({
  /** `address:port`. */
  to: z.string().regex(/^\d{1,3}(\.\d{1,3}){3}:\d{1,5}$/),
  method: z.enum(["GET", "PUT", "POST", "DELETE"]),
  path: z.string().startsWith("/"),
  token: z.string(),
  body: z.string().optional(),
});

/** An answer of the machine's, or why there was none. */
export type Relayed = { status: number; body: string } | { unreachable: string };

/** Longer than any machine keeps an exchange open, shorter than this function may run. */
const silenceMs = 30_000;

export async function handler(event: unknown): Promise<Relayed> {
  const { to, method, path, token, body } = relayedSchema.parse(event);
  const bytes = Buffer.from(body ?? "", "base64");
  try {
    const { status, answer } = await exchange(`http://${to}${path}`, { method, token }, bytes);
    return { status, body: answer.toString("base64") };
  } catch (error) {
    return { unreachable: messageOf(error) };
  }
}

function exchange(url: string, { method, token }: { method: string; token: string }, body: Buffer) {
  return new Promise<{ status: number; answer: Buffer }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-length": String(body.length) };
    const outgoing = request(url, { method, headers, timeout: silenceMs, agent: false }, (incoming) => {
      buffer(incoming).then((answer) => resolve({ status: incoming.statusCode ?? 0, answer }), reject);
    });
    outgoing.once("error", reject);
    outgoing.once("timeout", () => outgoing.destroy(new Error("it said nothing for 30 seconds")));
    outgoing.end(body);
  });
}
