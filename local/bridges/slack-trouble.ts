import * as z from "zod";

export const appTokenName = "SLACK_APP_TOKEN";

/** Why there is no connection, in one line. A final trouble does not pass by waiting. */
export interface Trouble {
  line: string;
  isFinal?: boolean;
  pauseMs?: number;
}

/** https://docs.slack.dev/reference/methods/apps.connections.open#errors */
const refusals: Readonly<Record<string, string>> = {
  missing_scope: `${appTokenName} lacks the scope connections:write: make a new app-level token that has it, under Basic Information.`,
  not_allowed_token_type: `${appTokenName} is not an app-level token (xapp-…): make one under Basic Information.`,
};
const unauthorized = [
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "team_disabled",
  "user_removed_from_team",
];

const platformError = z.object({ data: z.object({ error: z.string() }) });
const rateLimitError = z.object({ retryAfter: z.number() });

/** What kept a connection from being opened. Only Slack's own word is passed on. */
export function troubleOfStart(error: unknown): Trouble {
  const word = platformError.safeParse(error).data?.data.error;
  const refusal = word === undefined ? undefined : refusals[word];
  if (refusal !== undefined) return { line: `Slack: ${refusal}`, isFinal: true };
  if (word !== undefined && unauthorized.includes(word))
    return {
      line: `Slack does not accept ${appTokenName} (${word}): copy the app-level token (xapp-…) again.`,
      isFinal: true,
    };
  const pauseMs = (rateLimitError.safeParse(error).data?.retryAfter ?? 0) * 1000;
  return { line: `Slack cannot be reached${word === undefined ? "" : ` (${word})`}. I keep trying.`, pauseMs };
}

/** Slack renews a connection every few hours and says so beforehand. */
const renewals = ["warning", "refresh_requested"];

/** Why a connection ended: the reason that Slack gave, or none when it broke. */
export function troubleOfEnd(reason: string | undefined): Trouble | undefined {
  if (reason !== undefined && renewals.includes(reason)) return undefined;
  if (reason === "link_disabled")
    return {
      line: "Slack: Socket Mode is switched off in the app's settings. Switch it on and start again.",
      isFinal: true,
    };
  if (reason === "too_many_websockets")
    return { line: "Slack: too many programs are connected for this app. I keep trying.", pauseMs: 30_000 };
  return { line: "Slack: the connection was lost. I keep trying." };
}
