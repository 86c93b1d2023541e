import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { functionSettingNames, settingGroups } from "../../local/settings.ts";

const root = new URL("../../", import.meta.url);
const example = () => readFileSync(new URL(".env.example", root), "utf8");
const namesIn = (text: string) => [...text.matchAll(/^# ([A-Z][A-Z0-9_]*)=$/gm)].map(([, name]) => name);

describe(".env.example", () => {
  it("is what the settings of today make of it", () => {
    const check = spawnSync(process.execPath, ["scripts/env-example.ts", "--check"], { cwd: root, encoding: "utf8" });
    expect(check.stderr).toBe("");
    expect(check.status).toBe(0);
  });

  it("names every setting once, each with a line of help, and sets none", async () => {
    const settings = (await settingGroups()).flatMap((group) => group.settings);
    expect(namesIn(example())).toEqual(settings.map(({ name }) => name));
    expect(new Set(namesIn(example())).size).toBe(settings.length);
    for (const { help } of settings) expect(help.trim()).not.toBe("");
    for (const line of example().split("\n")) expect(line === "" || line.startsWith("#")).toBe(true);
  });

  it("leaves out what only the composition root sets", () => {
    expect(namesIn(example())).not.toContain("TALARIA_WORKSPACES");
  });
});

describe("the names that a function may read", () => {
  it("are those of the agent and of its members, and none of npm start's own", async () => {
    const names = await functionSettingNames();
    expect(names).toEqual(
      expect.arrayContaining(["TALARIA_MODEL", "TALARIA_WORKSPACES", "TELEGRAM_BOT_TOKEN", "OPENAI_API_KEY"]),
    );
    for (const name of ["PORT", "TALARIA_DATA", "TALARIA_PUBLIC_URL", "SLACK_APP_TOKEN"])
      expect(names).not.toContain(name);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it("include all that the functions' own code asks for", async () => {
    const sources = ["compose/environment.ts", "compose/turn.ts", "compose/delivery.ts", "webhooks/handler.ts"];
    const text = sources.map((file) => readFileSync(new URL(`functions/${file}`, root), "utf8")).join("\n");
    const read = [...text.matchAll(/settings\["(\w+)"\]/g)].map(([, name]) => name);
    expect(read).not.toEqual([]);
    expect(await functionSettingNames()).toEqual(expect.arrayContaining(read));
  });
});
