import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseSkill } from "../../core/skills/format.ts";
import { backendOf, bubblewrapHere } from "../core/shells/runners.ts";
import { contentOf, shipped, skillsFolder, tryPath } from "./shipped.ts";

const runner = await bubblewrapHere();
const timeoutMs = 30_000;

const wordsAfter = (script: string, mark: string): string[] =>
  [...script.matchAll(new RegExp(`^# ${mark}: (.+)$`, "gm"))].map(([, words]) => words ?? "");

const tried = shipped
  .filter((skill) => contentOf(skill, tryPath) !== "")
  .map((skill) => {
    const parsed = parseSkill(contentOf(skill, "SKILL.md"));
    return { name: skill.name, category: parsed.ok ? parsed.facts.category : "", script: contentOf(skill, tryPath) };
  });

describe.skipIf(runner === undefined)("what a shipped skill gives works offline in a sandbox", () => {
  it.each(tried)("$name", { timeout: 2 * timeoutMs }, async ({ name, category, script }) => {
    if (runner === undefined) throw new Error("unreachable: the suite is skipped");
    const workspace = await (await backendOf(runner)).acquire("try");
    const needs = wordsAfter(script, "Needs").flatMap((words) => words.split(" "));
    const check = needs.map((need) => `command -v ${need} >/dev/null || echo ${need}`).join("\n");
    const missing = (await workspace.run(check, { timeoutMs })).output.split("\n").filter(Boolean);
    if (missing.length > 0) return console.log(`skipped: ${name} needs ${missing.join(", ")}, not installed here`);
    const archive = execFileSync("tar", ["-cz", "-C", join(skillsFolder, category, name), "."]);
    await workspace.run("mkdir -p ~/skill && tar -xz --no-same-owner -C ~/skill", { timeoutMs, stdin: archive });
    const result = await workspace.run("mkdir ~/work && cd ~/work && bash ~/skill/scripts/try.sh", { timeoutMs });
    expect(result).toMatchObject({ exitCode: 0, timedOut: false });
    for (const words of wordsAfter(script, "Prints")) expect(result.output).toContain(words);
  });
});
