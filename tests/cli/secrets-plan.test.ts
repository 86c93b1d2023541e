import { describe, expect, it } from "vitest";
import { defineAgent } from "../../core/base/agent-config.ts";
import { memberSettings } from "../../cli/member-settings.ts";
import { planSecrets } from "../../cli/secrets-plan.ts";
import { linkedSettings, memberKinds } from "../../stacks/linked-settings.ts";

const config = defineAgent({ platforms: ["web", "webhook", "telegram", "whatsapp"] });
const wanted = await memberSettings(config);

describe("the secrets of a deployment", () => {
  it("are those that the stacks make of the same config", async () => {
    const names = (list: readonly { name: string }[]) =>
      list.map(({ name }) => name).sort((a, b) => a.localeCompare(b));
    expect(names(wanted)).toEqual(names(linkedSettings(config, memberKinds)));
    const passing = defineAgent({ shell: "modal", passthrough: ["GITHUB_TOKEN"], externalMemory: "honcho" });
    expect(names(await memberSettings(passing))).toEqual(names(linkedSettings(passing, memberKinds)));
  });

  it("are made where nobody has to choose them, in the form that is asked for", () => {
    const { made, missing } = planSecrets(wanted, {}, {});
    expect(made["TALARIA_WEBHOOK_SECRET"]).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    // https://core.telegram.org/bots/api#setwebhook
    expect(made["TELEGRAM_WEBHOOK_SECRET"]).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
    expect(missing.map(({ name }) => name)).toEqual([
      "TELEGRAM_BOT_TOKEN",
      "WHATSAPP_ACCESS_TOKEN",
      "WHATSAPP_APP_SECRET",
      "WHATSAPP_PHONE_NUMBER_ID",
    ]);
    expect(planSecrets(wanted, {}, {}).made).not.toEqual(made);
  });

  it("are asked for where they are passed to commands, and taken from .env", async () => {
    const passing = await memberSettings(defineAgent({ platforms: [], passthrough: ["GITHUB_TOKEN", "NPM_TOKEN"] }));
    const { missing, offered } = planSecrets(passing, { NPM_TOKEN: "stored" }, {});
    expect({ offered, missing: missing.map(({ name, member }) => `${member}: ${name}`) }).toEqual({
      offered: {},
      missing: ["passthrough: GITHUB_TOKEN"],
    });
    expect(planSecrets(passing, {}, { GITHUB_TOKEN: "t" })).toMatchObject({
      offered: { GITHUB_TOKEN: "t" },
      requiredOffered: ["GITHUB_TOKEN"],
    });
  });

  it("are left alone where they are set, whatever .env has", () => {
    const stored = Object.fromEntries(wanted.map(({ name }) => [name, "set"]));
    const plan = planSecrets(wanted, stored, { TELEGRAM_BOT_TOKEN: "other", TALARIA_WEB_TOKEN: "other" });
    expect(plan).toEqual({ offered: {}, made: {}, missing: [], requiredOffered: [] });
  });

  it("are taken from .env rather than made, and nothing else of it is", () => {
    const { offered, made } = planSecrets(
      wanted,
      {},
      { TALARIA_WEB_TOKEN: "mine", HOME: "/root", AWS_REGION: "eu-west-1" },
    );
    expect(offered).toEqual({ TALARIA_WEB_TOKEN: "mine" });
    expect(Object.keys(made)).not.toContain("TALARIA_WEB_TOKEN");
  });
});
