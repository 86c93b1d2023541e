import type { Clock } from "../base/clock.ts";
import type { Place } from "../conversation/place.ts";
import { splitReply } from "../gateway/split.ts";
import type { Button } from "../platforms/platform.ts";
import { doubtNotice } from "./deliver.ts";
import { patiently } from "./patience.ts";
import type { Channel } from "./ports.ts";

export interface TextToSend {
  markdown: string;
  /** Equal for every attempt to send this text. */
  key: string;
  /** It may have been sent by a worker that died: where the platform cannot tell a repeat, the text says so. */
  isInDoubt: boolean;
  /** Shown below its last part. */
  buttons?: readonly Button[];
}

/**
 * Sends something besides the reply of a turn; the platform's id of its last message. Waits a little where the platform
 * asks for it (with a clock), else throws what the platform throws.
 */
export async function sendText(
  { platform, outbound, clock }: Channel & { clock?: Clock },
  place: Place,
  text: TextToSend,
): Promise<string> {
  const politely = clock ? patiently(clock) : (send: () => Promise<{ id: string }>) => send();
  const isRepeat = text.isInDoubt && platform.idempotency === "none";
  const parts = splitReply(isRepeat ? `${doubtNotice}\n\n${text.markdown}` : text.markdown, platform);
  let id = "";
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const options = {
      idempotencyKey: `${text.key}-${index}`,
      ...(isLast && text.buttons && { buttons: text.buttons }),
    };
    ({ id } = await politely(() => outbound.send(place, part, options)));
  }
  return id;
}
