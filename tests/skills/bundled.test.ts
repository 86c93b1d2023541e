import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { judgeCommand } from "../../core/guard/command.ts";
import { redact } from "../../core/guard/redact.ts";
import { parseSkill, validateSkill } from "../../core/skills/format.ts";
import { scanSkill } from "../../core/skills/scan.ts";
import { nearDuplicate } from "../../core/skills/similar.ts";
import { tools } from "../../core/tools/index.ts";
import { contentOf, shipped, shippedFiles, tryPath } from "./shipped.ts";

const frontMatterSchema = z.strictObject({
  name: z.string(),
  description: z.string().min(10).max(60),
  version: z.literal("1.0.0"),
  license: z.literal("MIT"),
  metadata: z.strictObject({
    talaria: z.strictObject({
      category: z.string(),
      tags: z.array(z.string()).min(1),
      related_skills: z.array(z.string()).min(1),
      requires_toolsets: z.array(z.string()).optional(),
    }),
  }),
});

/** Read here by the `yaml` package, the peer of our own reader. */
function frontMatterOf(name: string, yaml: string): z.infer<typeof frontMatterSchema> {
  try {
    return frontMatterSchema.parse(parse(yaml));
  } catch (error) {
    throw new Error(`the front matter of ${name}`, { cause: error });
  }
}

const skills = shipped.map((skill) => {
  const text = contentOf(skill, "SKILL.md");
  const yaml = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? "";
  return { ...skill, text, front: frontMatterOf(skill.name, yaml) };
});
const names = skills.map(({ name }) => name);
const toolsets = new Set(Object.values(tools).map(({ toolset }) => toolset));

/** The blocks of bash, without the indentation of the list that they stand in. */
const blocksOf = (text: string): string[] =>
  [...text.matchAll(/^( *)```bash\n([\s\S]*?)^ *```/gm)].map(([, indent = "", code = ""]) =>
    code.replace(new RegExp(`^${indent}`, "gm"), ""),
  );

describe("the skills that are shipped", () => {
  it("are enough, and each is tried", () => {
    expect(skills.length).toBeGreaterThanOrEqual(42);
    expect(skills.filter((skill) => contentOf(skill, tryPath) === "").map(({ name }) => name)).toEqual([]);
  });

  it("lie in the folders of their categories", () => {
    const folders = shippedFiles.filter(({ path }) => path.endsWith("/SKILL.md")).map(({ path }) => path);
    expect(folders.sort()).toEqual(
      skills.map(({ name, front }) => `${front.metadata.talaria.category}/${name}/SKILL.md`).sort(),
    );
  });

  it("do not repeat one another", () => {
    const facts = skills.map(({ name, front }) => ({ name, description: front.description }));
    for (const fact of facts) {
      const near = nearDuplicate(
        fact,
        facts.filter((other) => other !== fact),
      );
      expect(near, `${fact.name} is like ${near?.name}`).toBeUndefined();
    }
  });
});

describe.each(skills)("the skill $name", (skill) => {
  const { name, files, text, front } = skill;
  const { talaria } = front.metadata;

  it("is valid, and reads as the yaml package reads it", () => {
    expect(validateSkill(name, files)).toMatchObject({ ok: true });
    const parsed = parseSkill(text);
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(parsed.facts).toMatchObject({
      name: front.name,
      description: front.description,
      category: talaria.category,
    });
    expect(parsed.facts.tags).toEqual(talaria.tags);
    expect(parsed.facts.relatedSkills).toEqual(talaria.related_skills);
    expect(parsed.facts.conditions.requiresToolsets).toEqual(talaria.requires_toolsets ?? []);
  });

  it("says when to use it, what goes wrong and how to verify, in 40 to 120 lines", () => {
    const lines = text.trimEnd().split("\n").length;
    expect(lines).toBeGreaterThanOrEqual(40);
    expect(lines).toBeLessThanOrEqual(120);
    for (const heading of ["# ", "## When to use", "## Steps", "## Pitfalls", "## Verify"])
      expect(text).toMatch(new RegExp(`^${heading}`, "m"));
  });

  it("names skills, toolsets and files that exist", () => {
    for (const related of talaria.related_skills) {
      expect(names).toContain(related);
      expect(related).not.toBe(name);
    }
    for (const toolset of talaria.requires_toolsets ?? []) expect(toolsets).toContain(toolset);
    const paths = files.map(({ path }) => path);
    for (const [, path] of text.matchAll(/`((?:scripts|templates|references)\/[\w./-]+)`/g))
      expect(paths).toContain(path);
    for (const path of paths.filter((each) => each !== "SKILL.md" && each !== tryPath))
      expect(text, `${path} is not mentioned`).toContain(`\`${path}\``);
  });

  it("asks for the terminal when it gives commands, unless it says what to do without", () => {
    const needsTerminal = blocksOf(text).length > 0 && !/without a terminal/i.test(text);
    expect(talaria.requires_toolsets ?? []).toEqual(needsTerminal ? ["terminal"] : []);
  });

  it("has scripts that parse", () => {
    const code = [
      ...files.filter(({ path }) => path.endsWith(".sh")).map(({ content }) => String(content)),
      ...blocksOf(text),
    ];
    for (const script of code) expect(spawnSync("bash", ["-n"], { input: script, encoding: "utf8" }).stderr).toBe("");
    for (const { path, content } of files.filter(({ path }) => path.endsWith(".py"))) {
      const compile = `import sys; compile(sys.stdin.read(), ${JSON.stringify(path)}, "exec")`;
      const { error, stderr } = spawnSync("python3", ["-c", compile], { input: String(content), encoding: "utf8" });
      if (error) console.log("skipped: python3 is not installed here");
      else expect(stderr).toBe("");
    }
  });

  it("gives nothing that the guard refuses, an import would, or redaction would mask", () => {
    const options = {
      mode: "manual",
      isIsolated: false,
      outward: "ask",
      allowed: [],
      denied: [],
      attended: true,
    } as const;
    expect(blocksOf(text).filter((block) => judgeCommand(block, options).verdict === "refuse")).toEqual([]);
    expect(scanSkill(files).findings.filter(({ isDangerous }) => isDangerous)).toEqual([]);
    for (const { content } of files) expect(redact(String(content))).toBe(content);
  });

  it("is tried by running what it gives", () => {
    const script = contentOf(skill, tryPath);
    expect(script).toMatch(/^# Prints: \S/m);
    const given = new Set(text.split("\n").map((line) => line.trim()));
    const shared = script.split("\n").filter((line) => line.trim().length >= 12 && given.has(line.trim()));
    const ownScripts = files.filter(
      ({ path }) => path.startsWith("scripts/") && path !== tryPath && script.includes(path.slice("scripts/".length)),
    );
    expect(shared.length + ownScripts.length, "its try runs nothing that the skill gives").toBeGreaterThan(0);
  });
});
