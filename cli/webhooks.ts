import type { AgentConfig } from "../core/base/agent-config.ts";
import type { Settings } from "../core/base/settings.ts";
import { secretNameOf } from "../stacks/secret-names.ts";
import { lineOf, type Finding } from "./finding.ts";
import { slackManifest } from "./slack-manifest.ts";
import { registerTelegram } from "./telegram.ts";

export interface RegisterOptions {
  url: string;
  config: AgentConfig;
  stage: string;
  settings: Settings;
  print(text: string): void;
}

/** Tells every platform that is on where we are: by its API where it has one, else by what a person has to enter. */
export async function registerWebhooks({ url, config, stage, settings, print }: RegisterOptions): Promise<Finding[]> {
  const isOn = (name: string) => config.platforms.includes(name);
  const findings: Finding[] = [];
  if (isOn("telegram")) {
    const finding = await registerTelegram(url, settings);
    print(lineOf(finding));
    findings.push(finding);
  }
  if (isOn("slack")) print(slackText(url, config.name));
  if (isOn("whatsapp")) print(whatsappText(url, stage));
  if (isOn("webhook"))
    print(`  · Generic webhooks, signed with ${secretNameOf("TALARIA_WEBHOOK_SECRET")}: ${url}/webhooks/webhook`);
  return findings;
}

const slackText = (url: string, name: string): string =>
  `  · Slack: in https://api.slack.com/apps, your app, App Manifest (JSON), paste this; let Slack verify the request URL, and
    install the app again when it asks. Nothing is to be done where the manifest is like this already.
${JSON.stringify(slackManifest(url, name), null, 2)}`;

const whatsappText = (url: string, stage: string): string =>
  `  · WhatsApp: in https://developers.facebook.com/apps, your app, WhatsApp, Configuration, Webhook, enter
      Callback URL  ${url}/webhooks/whatsapp
      Verify token  the secret ${secretNameOf("WHATSAPP_VERIFY_TOKEN")} (npx sst secret list --stage ${stage})
      Subscribe to  messages
    Its terms allow no general-purpose assistant as a number's primary function (docs/operate.md).`;
