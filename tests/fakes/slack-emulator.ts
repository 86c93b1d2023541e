import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createEmulator, type Emulator } from "emulate";

interface Webhooks {
  register(subscription: { url: string; events: string[]; active: boolean; owner: string }): unknown;
}

interface SlackPlugin {
  register(app: unknown, store: unknown, webhooks: Webhooks, ...rest: unknown[]): void;
}

export interface SlackEmulatorOptions {
  signingSecret: string;
  /** Where events are posted. */
  eventsUrl: string;
  /** Tokens by the user they belong to. */
  tokens: { token: string; user: string }[];
  users: { name: string }[];
}

/**
 * A Slack that nobody on this project wrote (npm `emulate`): its Web API, and Events API requests that it signs itself.
 * It has no public way to subscribe an address, so its plugin is asked for its dispatcher when it registers.
 */
export async function startSlackEmulator(options: SlackEmulatorOptions): Promise<Emulator> {
  const plugin = await slackPlugin();
  const register = plugin.register.bind(plugin);
  plugin.register = (app, store, webhooks, ...rest) => {
    register(app, store, webhooks, ...rest);
    webhooks.register({ url: options.eventsUrl, events: ["*"], active: true, owner: "slack" });
  };
  const { signingSecret: signing_secret, tokens, users } = options;
  try {
    return await createEmulator({ service: "slack", port: 0, seed: { slack: { signing_secret, tokens, users } } });
  } finally {
    plugin.register = register;
  }
}

async function slackPlugin(): Promise<SlackPlugin> {
  const folder = new URL(".", import.meta.resolve("emulate"));
  const file = readdirSync(folder).find(
    (name) => /^dist-.*\.js$/.test(name) && /^ {2}slackPlugin$/m.test(readFileSync(new URL(name, folder), "utf8")),
  );
  if (!file) throw new Error("This version of emulate has no Slack plugin.");
  const module = (await import(pathToFileURL(fileURLToPath(new URL(file, folder))).href)) as {
    slackPlugin: SlackPlugin;
  };
  return module.slackPlugin;
}
