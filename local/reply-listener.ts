import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import * as z from "zod";
import { parseJson } from "../core/base/json.ts";

/** What core/platforms/webhook.ts posts. */
const replySchema = z.object({ conversation: z.string(), text: z.string() });

export interface ReplyListener {
  /** For TALARIA_WEBHOOK_REPLY_URL. */
  url: string;
  /** What was sent to the conversation so far. */
  parts: readonly string[];
  close(): void;
}

/**
 * Takes the replies to one conversation of the generic webhook, whose name should be one that nobody else knows. Turns of
 * others that were taken up on the way keep theirs: they are told to come again, when their own receiver may be there.
 */
export async function startReplyListener(conversation: string): Promise<ReplyListener> {
  const parts: string[] = [];
  const take = (body: string): boolean => {
    const reply = replySchema.safeParse(parseJson(body)).data;
    if (reply?.conversation !== conversation) return false;
    parts.push(reply.text);
    return true;
  };
  const server = createServer((request, response) => {
    readText(request).then(
      (body) => response.writeHead(take(body) ? 204 : 503).end(),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, parts, close: () => server.close() };
}
