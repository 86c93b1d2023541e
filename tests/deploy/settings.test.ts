import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { type agentConfigSchema, cloudSettingsOf, defineAgent, settingsOf } from "../../core/base/agent-config.ts";
import { passedVariables } from "../../core/base/passthrough.ts";
import type { SettingSpec } from "../../core/base/settings.ts";
import { memoryProviders } from "../../core/memory/external.ts";
import { platforms } from "../../core/platforms/index.ts";
import { providers } from "../../core/providers/index.ts";
import { shells } from "../../core/shells/index.ts";
import { rootNames } from "../../local/settings.ts";
import { linkedSettings, memberKinds, providersOf, type MemberKind } from "../../stacks/linked-settings.ts";
import { needs } from "../../stacks/needs.ts";
import { secretNameOf, settingNameOf } from "../../stacks/secret-names.ts";
import { memberSettings } from "../../stacks/settings.generated.ts";

const allNames = Object.values(memberSettings).flatMap((members) =>
  Object.values(members).flatMap((settings) => settings.map(({ name }) => name)),
);

describe("the generated settings", () => {
  it("are those of every platform, provider, shell and external memory, so that a new one is never forgotten at deployment", async () => {
    const registries: [
      kind: MemberKind,
      members: Record<string, () => Promise<{ settings: readonly SettingSpec[] }>>,
    ][] = [
      ["platform", platforms],
      ["provider", providers],
      ["shell", shells],
      ["memory", memoryProviders],
    ];
    expect(registries.map(([kind]) => kind)).toEqual(memberKinds);
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

  it("turns back into any name that an operator may pass to commands", () => {
    const names = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/);
    for (const name of ["GITHUB_TOKEN", "X_API_KEY", "FOO_1", "FOO1", "A__B", "EXACTLY_A", "EXACTLY"])
      expect(settingNameOf(secretNameOf(name))).toBe(name);
    expect(secretNameOf("GITHUB_TOKEN")).toBe("GithubToken");
    fc.assert(
      fc.property(names, (name) => {
        expect(secretNameOf(name)).toMatch(/^[A-Z][A-Za-z0-9]*$/);
        expect(settingNameOf(secretNameOf(name))).toBe(name);
      }),
    );
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
    expect(names("ecs")).toEqual(["TALARIA_SHELL_NETWORK"]);
  });

  it("include with the shell, wherever that is, what is passed to commands: required, so that none is forgotten", () => {
    const config = defineAgent({ shell: "local", passthrough: ["GITHUB_TOKEN", "NPM_TOKEN"] });
    const passed = ["GITHUB_TOKEN", "NPM_TOKEN"].map((name) => ({ name, required: true, secret: true }));
    expect(linkedSettings(config, ["shell"])).toEqual(passed);
    expect(linkedSettings(config, ["platform"])).not.toEqual(expect.arrayContaining(passed));
    const users = Object.entries(needs).filter(([, { settings }]) => settings.includes("TALARIA_PASSTHROUGH"));
    expect(users.map(([name]) => name)).toEqual(["agent-step", "shell"]);
    for (const [, { linked }] of users) expect(linked).toContain("shell");
  });

  it("include those of the external memory when one is chosen, for the step and the review alone", () => {
    const names = (externalMemory?: "honcho") =>
      linkedSettings(defineAgent({ ...(externalMemory && { externalMemory }) }), ["memory"]).map(({ name }) => name);
    expect(names("honcho")).toEqual(["HONCHO_API_KEY", "HONCHO_WORKSPACE", "HONCHO_URL"]);
    expect(names()).toEqual([]);
    const ofMemory = Object.entries(needs).filter(([, { linked }]) => linked.includes("memory"));
    expect(ofMemory.map(([name]) => name)).toEqual(["agent-step", "review"]);
    for (const [, { settings }] of ofMemory) expect(settings).toContain("TALARIA_MEMORY_PROVIDER");
    const config = { externalMemory: "honcho" } as const;
    expect(settingsOf(defineAgent(config))).toHaveProperty("TALARIA_MEMORY_PROVIDER", "honcho");
    expect(settingsOf(defineAgent({}))).not.toHaveProperty("TALARIA_MEMORY_PROVIDER");
  });

  it("are never passed to commands", () => {
    for (const name of ["OPENAI_API_KEY", "TELEGRAM_BOT_TOKEN", "MODAL_TOKEN_SECRET"])
      expect(() => linkedSettings(defineAgent({ passthrough: [name] }), ["shell"])).toThrow(
        `passthrough names ${name}, which Talaria itself is set up with`,
      );
  });

  it("take a container image of the owner's, and refuse what is none", () => {
    const digest = "sha256:".padEnd(71, "0");
    for (const image of ["ghcr.io/me/shell:1", "localhost:5000/shell", `public.ecr.aws/a/b-c/d_e@${digest}`])
      expect(defineAgent({ machine: { image } }).machine.image).toBe(image);
    for (const image of [
      "",
      "shell",
      "ghcr.io/Me/shell",
      "ghcr.io/me/shell:1\nRUN x",
      "https://ghcr.io/me/shell",
      "a/b c",
    ])
      expect(() => defineAgent({ machine: { image } })).toThrow(/must name a container image/);
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

describe("what commands may be passed", () => {
  it("is a variable by its name, and none that decides what programs do or that is ours", () => {
    expect(defineAgent({ passthrough: ["GITHUB_TOKEN", "X_1"] }).passthrough).toEqual(["GITHUB_TOKEN", "X_1"]);
    for (const name of ["", "lower", "1A", "A-B", "A=B", "A B", "A;rm", "A".repeat(70)])
      expect(() => defineAgent({ passthrough: [name] })).toThrow(`“${name}” is no name of a variable`);
    const reserved = ["PATH", "HOME", "IFS", "ENV", "BASH_ENV", "LD_PRELOAD", "NODE_OPTIONS", "PYTHONPATH"].concat([
      "PYTHONSTARTUP",
      "TALARIA_SOUL",
      "AWS_SECRET_ACCESS_KEY",
      "SST_KEY",
      "LAMBDA_TASK_ROOT",
      "_HANDLER",
      "UID",
    ]);
    for (const name of reserved)
      expect(() => defineAgent({ passthrough: [name] })).toThrow(`“${name}” is the shell's or Talaria's own`);
  });

  it("is read with its values; a name without one is not passed, and the rules hold for a setting too", () => {
    const settings = { TALARIA_PASSTHROUGH: "GITHUB_TOKEN, NPM_TOKEN,,GITHUB_TOKEN", GITHUB_TOKEN: "t", OTHER: "o" };
    expect(passedVariables(settings)).toEqual([{ name: "GITHUB_TOKEN", value: "t" }]);
    expect(passedVariables({})).toEqual([]);
    expect(() => passedVariables({ TALARIA_PASSTHROUGH: "PATH" })).toThrow(
      "TALARIA_PASSTHROUGH: “PATH” is the shell's",
    );
  });
});

/** Every value that becomes a setting only when somebody gives it. */
const everything: z.input<typeof agentConfigSchema> = {
  model: "openai/gpt",
  allowedUsers: ["*"],
  owners: ["telegram:1"],
  soul: "Kind.",
  approveNotes: true,
  passthrough: ["GITHUB_TOKEN"],
  externalMemory: "honcho",
  approvals: { denied: ["rm *"], policy: "Careful." },
};

describe("owners", () => {
  it("are named as /whoami prints them, and never by a star", () => {
    expect(settingsOf(defineAgent({ owners: ["telegram:1", "slack:U2"] }))["TALARIA_OWNERS"]).toBe(
      "telegram:1,slack:U2",
    );
    expect(settingsOf(defineAgent({}))).not.toHaveProperty("TALARIA_OWNERS");
    for (const wrong of ["*", "ada", "telegram: 1"])
      expect(() => defineAgent({ owners: [wrong] })).toThrow(/as \/whoami prints it; "\*" cannot be an owner/);
  });
});

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
