/**
 * Slack's mrkdwn references as plain text (https://docs.slack.dev/messaging/formatting-message-text): a link keeps its
 * address, a person, channel or group the name that Slack gave along, else the id.
 */
export function plainFromSlack(text: string): string {
  return text
    .replace(/<([^<>\n]+)>/g, (_whole, inner: string) => reference(inner))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

function reference(inner: string): string {
  const [target = "", label] = inner.split("|", 2);
  const sign = target.charAt(0);
  if (sign === "@" || sign === "#") return label ? `${sign}${label.replace(/^[@#]/, "")}` : target;
  // <!here>, <!subteam^S1|@team>, <!date^1392734382^{date}|Feb 18>
  if (sign === "!") return label ?? `@${target.slice(1)}`;
  if (!label || label === target || `mailto:${label}` === target) return label ?? target;
  return `${label} (${target})`;
}

/** Takes the mention that called the agent off the front; any mention when the agent's own id is not known. */
export function withoutLeadingMention(text: string, botUserId: string | undefined): string {
  const id = botUserId ?? "[A-Z0-9]+";
  return text.replace(new RegExp(`^\\s*<@${id}(?:\\|[^>]*)?>[\\s,:]*`), "");
}

export const mentions = (text: string, userId: string): boolean => new RegExp(`<@${userId}[|>]`).test(text);
