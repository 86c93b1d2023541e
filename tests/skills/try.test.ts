import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseSkill } from "../../core/skills/format.ts";
import { backendOf, bubblewrapHere } from "../core/shells/runners.ts";
import { contentOf, shipped, skillsFolder, tryPath } from "./shipped.ts";

const runner = await bubblewrapHere();
const timeoutMs = 30_000;

interface Try {
  name: string;
  folder: string;
  script: string;
}

const tries = shipped.map((skill) => {
  const parsed = parseSkill(contentOf(skill, "SKILL.md"));
  const folder = join(skillsFolder, parsed.ok ? parsed.facts.category : "", skill.name);
  return { name: skill.name, folder, script: contentOf(skill, tryPath), files: skill.files };
});
const withScripts = tries.flatMap(({ files, ...each }) =>
  files
    .filter(({ path }) => path.startsWith("scripts/") && path !== tryPath)
    .map(({ path }) => ({ ...each, emptied: path })),
);

const wordsAfter = (script: string, mark: string): string[] =>
  [...script.matchAll(new RegExp(`^# ${mark}: (.+)$`, "gm"))].map(([, words]) => words ?? "");

/** What went wrong in a try in a new sandbox, "" when nothing did; `undefined` where what it needs is not installed. */
async function problemOf({ name, folder, script }: Try, change = ":"): Promise<string | undefined> {
  if (runner === undefined) throw new Error("unreachable: the suite is skipped");
  const workspace = await (await backendOf(runner)).acquire("try");
  const needs = wordsAfter(script, "Needs").flatMap((words) => words.split(" "));
  const check = needs.map((need) => `command -v ${need} >/dev/null || echo ${need}`).join("\n");
  const missing = (await workspace.run(check, { timeoutMs })).output.split("\n").filter(Boolean);
  if (missing.length > 0) {
    console.log(`skipped: ${name} needs ${missing.join(", ")}, not installed here`);
    return undefined;
  }
  const archive = execFileSync("tar", ["-cz", "-C", folder, "."]);
  await workspace.run("mkdir -p ~/skill && tar -xz --no-same-owner -C ~/skill", { timeoutMs, stdin: archive });
  const begin = `${change}\nmkdir ~/work && cd ~/work && bash ~/skill/scripts/try.sh`;
  const { exitCode, timedOut, output } = await workspace.run(begin, { timeoutMs });
  const unsaid = wordsAfter(script, "Prints").filter((words) => !output.includes(words));
  if (exitCode === 0 && !timedOut && unsaid.length === 0) return "";
  return [
    `exit code ${exitCode}${timedOut ? ", out of time" : ""}`,
    ...unsaid.map((words) => `unsaid: ${words}`),
    output,
  ].join("\n");
}

describe.skipIf(runner === undefined)("what a shipped skill gives, offline in a sandbox,", () => {
  it.each(tries)("works: $name", { timeout: 2 * timeoutMs }, async (each) => {
    expect((await problemOf(each)) ?? "").toBe("");
  });

  it.each(withScripts)(
    "is missed when it does nothing: $emptied of $name",
    { timeout: 2 * timeoutMs },
    async (each) => {
      expect(await problemOf(each, `: > ~/skill/${each.emptied}`)).not.toBe("");
    },
  );
});
