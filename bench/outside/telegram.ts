import { subscribe } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { startFakeTelegram, type FakeTelegram } from "../../tests/fakes/platform-telegram.ts";

export interface Delivered {
  text: string;
  atMs: number;
}

export interface ReceivingTelegram extends FakeTelegram {
  /** The next message to this person. */
  next(person: number): Promise<Delivered>;
  /** Calls back for every message to anybody; the answer ends that. */
  onMessage(listener: (person: number, delivered: Delivered) => void): () => void;
}

/** The fake Telegram, which tells when it has answered that it took a message. */
export async function startReceivingTelegram(): Promise<ReceivingTelegram> {
  const telegram = await startFakeTelegram();
  const events = new EventEmitter().setMaxListeners(0);
  subscribe("http.server.response.finish", (event) => {
    if (!(event as { request: IncomingMessage }).request.url?.endsWith("/sendMessage")) return;
    const atMs = performance.now();
    telegram.calls.length = 0;
    for (const { chat, text } of telegram.messages.splice(0)) {
      const delivered: Delivered = { text, atMs };
      events.emit(`to ${chat}`, delivered);
      events.emit("message", Number(chat), delivered);
    }
  });
  return {
    ...telegram,
    next: (person) => new Promise((resolve) => events.once(`to ${person}`, resolve)),
    onMessage(listener) {
      events.on("message", listener);
      return () => events.off("message", listener);
    },
  };
}
