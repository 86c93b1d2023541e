import type { Button } from "../../core/platforms/platform.ts";
import { slackSigned, slackTeam } from "./platform-slack.ts";

export interface SlackPress {
  button: Button;
  /** The message with the buttons. */
  message?: { ts: string; thread_ts?: string };
  channel?: { id: string; name: string };
  user?: { id: string; name: string };
  /** When it was pressed; no two presses of a message have the same. */
  actionTs?: string;
  /** Members that differ: type, team, container … */
  more?: object;
  secret?: string;
  timestamp?: number;
}

/** A pressed button as Slack posts it. */
export function slackPress({ button, more, ...press }: SlackPress) {
  const { message = { ts: "1782000000.000100" }, channel = { id: "D0001", name: "directmessage" } } = press;
  const user = { username: "ada", team_id: slackTeam, ...(press.user ?? { id: "U0ADA", name: "ada" }) };
  const payload = {
    type: "block_actions",
    team: { id: slackTeam, domain: "example" },
    user,
    api_app_id: "A0001",
    token: "verification",
    container: { type: "message", message_ts: message.ts, channel_id: channel.id, is_ephemeral: false },
    trigger_id: "12466734323.1395872398.8088930838d88f008e0",
    channel,
    message: { type: "message", bot_id: "B0TALARIA", text: "May I?", ...message },
    response_url: "https://hooks.slack.com/actions/AABA1ABCD/1232321423432/D09sSasdasdAS9091209",
    actions: [
      {
        type: "button",
        action_id: "answer-0",
        block_id: "=qXel",
        text: { type: "plain_text", text: button.label, emoji: true },
        value: button.payload,
        action_ts: press.actionTs ?? `${Math.floor(Date.now() / 1000)}.000100`,
      },
    ],
    ...more,
  };
  return slackInteraction(payload, press);
}

/** Any interactive request, correctly signed: a form with one field of JSON. */
export const slackInteraction = (payload: unknown, signing: { secret?: string; timestamp?: number } = {}) =>
  slackSigned({
    ...(signing.secret !== undefined && { secret: signing.secret }),
    ...(signing.timestamp !== undefined && { timestamp: signing.timestamp }),
    body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
    type: "application/x-www-form-urlencoded",
  });
