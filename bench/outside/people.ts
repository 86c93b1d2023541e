import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { telegramDelivery } from "../../tests/fakes/platform-telegram.ts";
import { telegramWebhookSecret } from "../settings.ts";

/** What Telegram opens at most to one webhook (https://core.telegram.org/bots/api#setwebhook, max_connections). */
const maxConnections = 100;
const redeliverAfterMs = 50;
const giveUpAfterMs = 30_000;

export interface Posted {
  postedAtMs: number;
  acceptedAtMs: number;
  redeliveries: number;
}

/** Posts messages as Telegram does: over connections that stay open, and again until they are accepted. */
export function makePostOffice() {
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections });
  let updates = 0;

  const post = (url: string, delivery: ReturnType<typeof telegramDelivery>): Promise<number> =>
    new Promise((resolve, reject) => {
      const { method, path, headers, body } = delivery;
      const length = { "content-length": Buffer.byteLength(body) };
      const sending = request(url + path, { agent, method, headers: { ...headers, ...length } }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      });
      sending.on("error", reject).end(body);
    });

  return async function say(url: string, person: number, text: string): Promise<Posted> {
    updates += 1;
    const from = { id: person, first_name: "Ada" };
    const delivery = telegramDelivery({ secret: telegramWebhookSecret, updateId: updates, text, from });
    const postedAtMs = performance.now();
    for (let redeliveries = 0; ; redeliveries += 1) {
      const status = await post(url, delivery).catch(() => 0);
      const nowMs = performance.now();
      if (status === 200) return { postedAtMs, acceptedAtMs: nowMs, redeliveries };
      if (nowMs - postedAtMs > giveUpAfterMs) throw new Error(`The webhook was not accepted: HTTP ${status}.`);
      await sleep(redeliverAfterMs);
    }
  };
}

export type Say = ReturnType<typeof makePostOffice>;
