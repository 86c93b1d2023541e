import type { Api, GrammyError } from "grammy/web";
import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import { allowedUpdates } from "../../core/platforms/telegram/updates.ts";
import type { Bridge, BridgeOptions } from "./bridge.ts";
import { postToIngress } from "./ingress.ts";
import { createPatience, type Patience } from "./patience.ts";

/** How long Telegram holds a question open when there is nothing new. */
const pollSeconds = 30;
/** The library gives up on a question after this long: the poll and time for the answer to come. */
const timeoutSeconds = 45;
/** A person who has to change something at Telegram needs a while; asking more often helps nobody. */
const conflictPauseMs = 10_000;

const tokenName = "TELEGRAM_BOT_TOKEN";
const secretName = "TELEGRAM_WEBHOOK_SECRET";

/** Long polling: https://core.telegram.org/bots/api#getupdates */
export const telegramBridge: Bridge = {
  platform: "telegram",
  means: "long polling",
  needs: [tokenName],
  secret: secretName,
  async run(options) {
    const { Api } = await import("grammy/web");
    const apiRoot = options.settings["TELEGRAM_API_ROOT"];
    const api = new Api(options.settings[tokenName] ?? "", { timeoutSeconds, ...(apiRoot && { apiRoot }) });
    const patience = createPatience({ ...options, recovered: "Telegram: connected again." });
    await poll(api, patience, options);
  },
};

type Update = Awaited<ReturnType<Api["getUpdates"]>>[number];

/**
 * Asking from an offset on confirms all updates before it, and Telegram forgets them: so the offset passes an update
 * only when the ingress has it. What was not confirmed comes again after a restart.
 */
async function poll(api: Api, patience: Patience, options: BridgeOptions): Promise<void> {
  let offset = 0;
  while (!options.signal.aborted) {
    const updates = await nextUpdates(api, offset, patience, options);
    if (updates === "hopeless") return;
    for (const update of updates) {
      const reply = await handOver(update, patience, options);
      if (reply === undefined) return;
      offset = update.update_id + 1;
      await carryOut(reply, api);
    }
  }
}

/** Updates in their order; none after a failure that was waited out; `hopeless` when the token is wrong. */
async function nextUpdates(
  api: Api,
  offset: number,
  patience: Patience,
  { signal, notify }: BridgeOptions,
): Promise<Update[] | "hopeless"> {
  try {
    // The library's types name another AbortSignal than the one its web build takes.
    const stop = signal as Parameters<Api["getUpdates"]>[1];
    const asked = { offset, timeout: pollSeconds, allowed_updates: allowedUpdates };
    const updates = await api.getUpdates(asked, stop);
    patience.succeeded();
    return updates;
  } catch (error) {
    if (signal.aborted) return [];
    const trouble = await troubleOf(error);
    if (trouble.isFinal) {
      notify(trouble.line);
      return "hopeless";
    }
    await patience.failed(trouble.line, trouble.pauseMs);
    return [];
  }
}

interface Trouble {
  line: string;
  isFinal?: boolean;
  pauseMs?: number;
}

/** Errors of the library quote the address, which holds the token: only Telegram's own words are passed on. */
async function troubleOf(error: unknown): Promise<Trouble> {
  const { GrammyError } = await import("grammy/web");
  if (error instanceof GrammyError) return complaint(error);
  return { line: "Telegram cannot be reached. I keep trying." };
}

function complaint({ error_code: status, description, parameters }: GrammyError): Trouble {
  if (status === 401 || status === 404)
    return { line: `Telegram does not accept ${tokenName}: copy it again from @BotFather.`, isFinal: true };
  if (status === 409) return { line: conflict(description), pauseMs: conflictPauseMs };
  const pauseMs = (parameters.retry_after ?? 0) * 1000;
  return { line: `Telegram does not hand over messages just now (${status}). I keep trying.`, pauseMs };
}

function conflict(description: string): string {
  if (!/webhook/i.test(description))
    return "Telegram: another program fetches this bot's messages. Stop it, or use another bot here. I keep trying.";
  return (
    "Telegram: the bot has a webhook, so its messages go there and not here. To have them here, remove it: " +
    `curl "https://api.telegram.org/bot$${tokenName}/deleteWebhook"`
  );
}

/** What a webhook would have been answered, once the update is done with; undefined only when the bridge stops. */
async function handOver(update: Update, patience: Patience, options: BridgeOptions): Promise<string | undefined> {
  const request = {
    path: "/webhooks/telegram",
    headers: {
      "content-type": "application/json",
      "x-telegram-bot-api-secret-token": options.settings[secretName] ?? "",
    },
    body: JSON.stringify(update),
  };
  while (!options.signal.aborted) {
    const acceptance = await postToIngress(options.url, request, options.signal);
    if (acceptance.kind === "unavailable") {
      await patience.failed(`A message from Telegram was not accepted yet (${acceptance.reason}). I keep trying.`);
      continue;
    }
    patience.succeeded();
    if (acceptance.kind === "accepted") return acceptance.body;
    options.notify(`Telegram: update ${update.update_id} was left out (${acceptance.reason}).`);
    return "";
  }
  return undefined;
}

const replySchema = z.object({ method: z.literal("answerCallbackQuery"), callback_query_id: z.string() });

/**
 * A reply to a webhook may be a call of the Bot API: the one we make ends the sign that a button is busy. A polling bot
 * has to make it itself; when that fails, the sign fades by itself.
 */
async function carryOut(reply: string, api: Api): Promise<void> {
  const call = replySchema.safeParse(parseJson(reply)).data;
  if (call) await api.answerCallbackQuery(call.callback_query_id).catch(() => undefined);
}
