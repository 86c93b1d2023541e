import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import type { Settings } from "../../core/base/settings.ts";
import { ok, problem, type Finding } from "../finding.ts";
import { telegramApi, telegramTrouble } from "../telegram.ts";

/** One harmless call that tells whether a platform takes our token, by platform. */
const checks: Readonly<Record<string, (settings: Settings) => Promise<Finding>>> = { slack, telegram, whatsapp };

/** Findings of those of the platforms that have a token to check. */
export const tokenFindings = (platforms: readonly string[], settings: Settings): Promise<Finding[]> =>
  Promise.all(platforms.flatMap((name) => checks[name]?.(settings) ?? []));

async function telegram(settings: Settings): Promise<Finding> {
  try {
    const { username } = await telegramApi(settings).getMe();
    return ok(`Telegram: the token is @${username}'s`);
  } catch (error) {
    return telegramTrouble(error, "the token was not checked");
  }
}

const slackSchema = z.object({ ok: z.boolean(), error: z.string().optional(), team: z.string().optional() });

/** https://docs.slack.dev/reference/methods/auth.test */
async function slack(settings: Settings): Promise<Finding> {
  const root = (settings["SLACK_API_URL"] || "https://slack.com/api/").replace(/\/*$/, "/");
  const answer = await ask(`${root}auth.test`, settings["SLACK_BOT_TOKEN"], "POST");
  const { data } = slackSchema.safeParse(answer?.body);
  if (!answer || !data) return unreachable("Slack");
  if (data.ok) return ok(`Slack: the token is good${data.team ? `, workspace ${data.team}` : ""}`);
  return problem(
    `Slack does not accept SLACK_BOT_TOKEN (${data.error})`,
    "install the app again and copy its bot token",
  );
}

/** The version that core/platforms/whatsapp speaks. */
const graphVersion = "v23.0";

/** https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account-to-number-current-status/ */
async function whatsapp(settings: Settings): Promise<Finding> {
  const root = (settings["WHATSAPP_API_URL"] || "https://graph.facebook.com").replace(/\/+$/, "");
  const id = settings["WHATSAPP_PHONE_NUMBER_ID"] ?? "";
  const url = `${root}/${graphVersion}/${encodeURIComponent(id)}?fields=display_phone_number`;
  const answer = await ask(url, settings["WHATSAPP_ACCESS_TOKEN"], "GET");
  if (!answer) return unreachable("WhatsApp");
  if (answer.status === 200) return ok(`WhatsApp: the token may use the number with the id ${id}`);
  if (answer.status === 401)
    return problem("WhatsApp does not accept WHATSAPP_ACCESS_TOKEN", "make a new one in Meta's Business settings");
  return problem(
    `WhatsApp: no number with the id ${id} for this token (HTTP ${answer.status})`,
    "copy WHATSAPP_PHONE_NUMBER_ID from WhatsApp, API Setup",
  );
}

const unreachable = (service: string): Finding =>
  problem(`${service}: the token was not checked: could not be reached`, "check the network, then again");

/** `undefined` when there was no answer. The cause is dropped: it may quote what was sent. */
async function ask(url: string, token: string | undefined, method: "GET" | "POST") {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(url, { method, headers, redirect: "manual", signal: AbortSignal.timeout(10_000) });
    return { status: response.status, body: parseJson(await response.text()) };
  } catch {
    return undefined;
  }
}
