import { describe, expect, it } from "vitest";
import * as z from "zod";
import { slackManifest } from "../../cli/slack-manifest.ts";

const url = "https://abc.lambda-url.us-east-1.on.aws";
const https = z.string().startsWith("https://");

/** The members we use of https://docs.slack.dev/reference/app-manifest, with the limits given there. */
const manifestSchema = z.strictObject({
  display_information: z.strictObject({ name: z.string().max(35), description: z.string().max(140) }),
  features: z.strictObject({
    bot_user: z.strictObject({ display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/), always_online: z.boolean() }),
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.literal(true),
      messages_tab_read_only_enabled: z.literal(false),
    }),
    agent_view: z.strictObject({ agent_description: z.string().max(300) }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().regex(/^\/\S{1,31}$/),
          description: z.string().max(2000),
          usage_hint: z.string().max(1000),
          url: https,
        }),
      )
      .max(50),
  }),
  oauth_config: z.strictObject({
    scopes: z.strictObject({ bot: z.array(z.string().regex(/^[a-z_]+(:[a-z.]+)?$/)).max(255) }),
  }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ request_url: https, bot_events: z.array(z.string()).max(100) }),
    interactivity: z.strictObject({ is_enabled: z.literal(true), request_url: https }),
    org_deploy_enabled: z.literal(false),
    socket_mode_enabled: z.literal(false),
    token_rotation_enabled: z.literal(false),
  }),
});

/** Scopes that an event or a feature asks for (https://docs.slack.dev/reference/events, …/scopes). */
const scopeOfEvent: Record<string, string> = { app_mention: "app_mentions:read", "message.im": "im:history" };

describe("Slack's manifest", () => {
  const manifest = slackManifest(url, "talaria");

  it("has the shape and the limits that Slack documents", () => {
    expect(manifestSchema.safeParse(manifest).error).toBeUndefined();
  });

  it("sends events, commands and buttons to the one address that the adapter serves", () => {
    const address = `${url}/webhooks/slack`;
    const { event_subscriptions, interactivity } = manifest.settings;
    const commands = manifest.features.slash_commands.map((command) => command.url);
    expect(new Set([event_subscriptions.request_url, interactivity.request_url, ...commands])).toEqual(
      new Set([address]),
    );
  });

  it("asks for the scopes of its events and calls, and for no others", () => {
    const events = manifest.settings.event_subscriptions.bot_events;
    const needed = [...events.map((event) => scopeOfEvent[event]), "commands", "chat:write", "assistant:write"];
    expect(new Set<string | undefined>(manifest.oauth_config.scopes.bot)).toEqual(new Set(needed));
  });
});
