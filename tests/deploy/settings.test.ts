import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { type agentConfigSchema, cloudSettingsOf, defineAgent, settingsOf } from "../../core/base/agent-config.ts";
import type { SettingSpec } from "../../core/base/settings.ts";
import { platforms } from "../../core/platforms/index.ts";
import { providers } from "../../core/providers/index.ts";
import { shells } from "../../core/shells/index.ts";
import { rootNames } from "../../local/settings.ts";
import { linkedSettings, providersOf, type MemberKind } from "../../stacks/linked-settings.ts";
import { needs } from "../../stacks/needs.ts";
import { secretNameOf, settingNameOf } from "../../stacks/secret-names.ts";
import { memberSettings } from "../../stacks/settings.generated.ts";

const allNames = Object.values(memberSettings).flatMap((members) =>
  Object.values(members).flatMap((settings) => settings.map(({ name }) => name)),
);

describe("the generated settings", () => {
  it("are those of every platform, provider and shell, so that a new one is never forgotten at deployment", async () => {
    const registries: [
      kind: MemberKind,
      members: Record<string, () => Promise<{ settings: readonly SettingSpec[] }>>,
    ][] = [
      ["platform", platforms],
      ["provider", providers],
      ["shell", shells],
    ];
    for (const [kind, registry] of registries) {
      expect(Object.keys(memberSettings[kind]).sort()).toEqual(Object.keys(registry).sort());
      for (const [owner, load] of Object.entries(registry)) {
        const { settings } = await load();
        const ours = settings.filter(({ name }) => !rootNames.has(name));
        const known = ours.map(({ name, required, secret }) => ({ name, required, secret }));
        expect({ owner, settings: memberSettings[kind][owner] }).toEqual({ owner, settings: known });
      }
    }
  });
});

describe("the name of a secret", () => {
  it("turns back into its setting's name, for every setting there is", () => {
    for (const name of [...allNames, "TALARIA_SOUL"]) expect(settingNameOf(secretNameOf(name))).toBe(name);
  });

  it("is different for every setting, and one that SST takes for a component", () => {
    const secrets = new Set(allNames.map(secretNameOf));
    expect(secrets.size).toBe(new Set(allNames).size);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z][A-Za-z0-9]*$/);
  });
});

describe("the settings that are linked", () => {
  it("are those of the platforms that are on and of the model's provider, and no others", () => {
    const config = defineAgent({ platforms: ["telegram"], model: "openai/gpt" });
    const owners = [...(memberSettings.platform["telegram"] ?? []), ...(memberSettings.provider["openai"] ?? [])];
    expect(linkedSettings(config, ["platform", "provider"])).toEqual(owners);
  });

  it("leave out what Lambda sets by itself", () => {
    const names = linkedSettings(defineAgent({ model: "bedrock" }), ["provider"]).map(({ name }) => name);
    expect(names).toContain("AWS_BEARER_TOKEN_BEDROCK");
    expect(names).not.toContain("AWS_REGION");
  });

  it("include those of a shell elsewhere, and none of what a laptop's own is allowed", () => {
    const names = (shell: "modal" | "local" | "ecs") =>
      linkedSettings(defineAgent({ shell }), ["shell"]).map(({ name }) => name);
    expect(names("modal")).toEqual(expect.arrayContaining(["MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET"]));
    expect(names("local")).toEqual([]);
    expect(names("ecs")).toEqual([]);
  });

  it("say that commands run on a MicroVM where the region has them, unless the config names a shell", () => {
    const shellIn = (given: z.input<typeof agentConfigSchema>) => cloudSettingsOf(defineAgent(given))["TALARIA_SHELL"];
    expect(shellIn({ region: "eu-west-1" })).toBe("microvm");
    expect(shellIn({ region: "eu-central-1" })).toBe("local");
    expect(shellIn({ region: "eu-west-1", shell: "modal" })).toBe("modal");
    expect(shellIn({ region: "eu-central-1", shell: "microvm" })).toBe("microvm");
    expect(settingsOf(defineAgent({ region: "eu-west-1" }))["TALARIA_SHELL"]).toBe("local");
  });

  it("are those of both providers while the key that is there decides", () => {
    expect(providersOf(defineAgent({}))).toEqual(["openai", "bedrock"]);
  });

  it("of a member that does not exist are refused with the names of those that do", () => {
    const config = defineAgent({ platforms: ["telegraph"] });
    expect(() => linkedSettings(config, ["platform"])).toThrow(/platform “telegraph”\. I know: .*slack.*telegram/);
  });
});

/** Every value that becomes a setting only when somebody gives it. */
const everything: z.input<typeof agentConfigSchema> = {
  model: "openai/gpt",
  allowedUsers: ["*"],
  soul: "Kind.",
  approveNotes: true,
  approvals: { denied: ["rm *"], policy: "Careful." },
};

describe("what a function reads", () => {
  it("is something that agent.config.ts can say", () => {
    const config = defineAgent(everything);
    const settings = Object.keys(settingsOf(config));
    for (const { settings: read } of Object.values(needs)) expect(settings).toEqual(expect.arrayContaining([...read]));
  });

  it("leaves nothing of agent.config.ts unread: the soul alone travels as a secret", () => {
    const config = defineAgent(everything);
    const read = new Set(Object.values(needs).flatMap(({ settings }) => settings));
    expect(Object.keys(settingsOf(config)).filter((name) => !read.has(name))).toEqual(["TALARIA_SOUL"]);
  });
});
