import type { AppsManifestCreateArguments } from "@slack/web-api";

/** https://docs.slack.dev/reference/app-manifest, as Slack's own SDK types it. */
type Manifest = AppsManifestCreateArguments["manifest"];

/**
 * The Slack app for this deployment: paste it under “App Manifest” of the app. It asks for what core/platforms/slack
 * uses and no more. Mentions come as `app_mention`, so there is no `message.channels`: by that Slack would send every
 * message of every channel that the app is in, each an invocation, and it needs the right to read them all.
 */
export function slackManifest(url: string, name: string) {
  const address = `${url}/webhooks/slack`;
  const features = {
    bot_user: { display_name: name, always_online: true },
    // Agents live in the Messages tab; the older assistant panel cannot be chosen for a new app.
    app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
    agent_view: { agent_description: "Write to me here, mention me in a channel, or use /talaria." },
    slash_commands: [
      { command: "/talaria", description: "Say something to the agent", usage_hint: "what you want", url: address },
    ],
  } satisfies Manifest["features"];
  const settings = {
    event_subscriptions: { request_url: address, bot_events: ["app_mention", "message.im"] },
    interactivity: { is_enabled: true, request_url: address },
    org_deploy_enabled: false,
    socket_mode_enabled: false,
    token_rotation_enabled: false,
  } satisfies Manifest["settings"];
  // The agent view brings `assistant:write` with it (https://docs.slack.dev/ai/developing-agents); the SDK's type of
  // scopes does not know that one yet.
  const bot = ["app_mentions:read", "assistant:write", "chat:write", "commands", "im:history"];
  return {
    display_information: { name, description: "A self-improving agent" },
    features,
    oauth_config: { scopes: { bot } },
    settings,
  };
}
