import { describe, expect, it } from "vitest";
import {
  isProgram,
  isSkillName,
  parseSkill,
  problemOfPath,
  skillLimits,
  textOfFile,
  validateSkill,
} from "../../../core/skills/format.ts";
import type { SkillFile } from "../../../core/skills/skill.ts";
import { filesOf, skillText } from "./skill-bench.ts";

const factsOf = (text: string) => {
  const parsed = parseSkill(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.facts;
};
const problemOf = (name: string, files: readonly SkillFile[], strictness = {}) => {
  const checked = validateSkill(name, files, strictness);
  return checked.ok ? undefined : checked.problem;
};

describe("front matter", () => {
  it("is understood with the fields of Hermes, of Talaria, and of the plain format", () => {
    const hermes = skillText("tea", {
      extra: `version: 1.0.0
license: MIT
allowed-tools: Bash Read
metadata:
  hermes:
    tags: [Hot, Drinks]
    category: kitchen
    related_skills: [coffee]
    requires_toolsets: [terminal]
    fallback_for_tools: [web_search]
platforms: [Linux, macos]
required_environment_variables:
  - name: KETTLE_KEY
    prompt: The key of the kettle
  - POT
`,
    });
    expect(factsOf(hermes)).toMatchObject({
      category: "kitchen",
      tags: ["Hot", "Drinks"],
      relatedSkills: ["coffee"],
      conditions: {
        requiresTools: [],
        requiresToolsets: ["terminal"],
        fallbackForTools: ["web_search"],
        fallbackForToolsets: [],
      },
      requiredEnvironment: ["KETTLE_KEY", "POT"],
      platforms: ["linux", "macos"],
    });
    expect(
      factsOf(
        skillText("tea", {
          extra:
            "metadata:\n  talaria:\n    category: home\n    bundle: [a, b]\n  hermes:\n    category: kitchen\n    tags: x\n",
        }),
      ),
    ).toMatchObject({ category: "home", bundle: ["a", "b"], tags: ["x"] });
    expect(factsOf(skillText("tea", { extra: "metadata:\n  author: someone\n  version: '1.0'\n" }))).toMatchObject({
      category: "general",
    });
  });

  it("folds a description over several lines into one", () => {
    expect(factsOf("---\nname: a\ndescription: >\n  one\n  two\n---\nbody").description).toBe("one two");
  });

  it("may begin with a byte order mark and have CRLF line ends", () => {
    expect(factsOf("\uFEFF---\r\nname: a\r\ndescription: b\r\n---\r\nbody\r\n")).toMatchObject({
      name: "a",
      description: "b",
      body: "body\r\n",
    });
  });

  it.each([
    ["# no front matter", /must begin with front matter/],
    ["---\nname: a\n", /must begin with front matter/],
    ["---\nname: a\n---\nbody", /description: has to be text/],
    ["---\nname: [a]\ndescription: b\n---\nbody", /name: has to be text/],
    ["---\n- a\n---\nbody", /not valid/],
    [`---\nname: a\ndescription: b\nx: ${"y".repeat(33_000)}\n---\nbody`, /over 32,000/],
  ])("is refused with a sentence when it is wrong: %j", (text, problem) => {
    const parsed = parseSkill(text);
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });
});

describe("front matter that is not quite YAML", () => {
  it.each([
    ["description: Use when: the tea is cold", "Use when: the tea is cold"],
    ["description: Use when:", "Use when:"],
    ["description: Tea. Triggers: \"hot\", 'cold' # and \\ all", "Tea. Triggers: \"hot\", 'cold' # and \\ all"],
    [
      "description: Use when: it is cold\n  and nobody: else\n\tis there",
      "Use when: it is cold and nobody: else is there",
    ],
    ["description: Use when: x\r\nlicense: MIT: really\r", "Use when: x"],
    ["description: `tea` maker", "`tea` maker"],
    ["description: @home", "@home"],
  ])("is read as it is meant: %j", (line, description) => {
    const text = `---\nname: tea\n${line}\nmetadata:\n  hermes:\n    tags: [hot]\n---\nbody\n`;
    expect(factsOf(text)).toMatchObject({ name: "tea", description, tags: ["hot"], body: "body\n" });
    expect(problemOf("tea", [{ path: "SKILL.md", content: text }])).toBeUndefined();
    expect(problemOf("tea", [{ path: "SKILL.md", content: text }], { isNewByAgent: true })).toMatch(/quoted/);
  });

  it.each([
    ["base: &base x\ndescription: y", /anchors, aliases and tags are not supported: quote "&base x"/],
    ["description: x\nmetadata: &m\n  hermes:\n    tags: [a]", /anchors, aliases/],
    ["description: x\nmetadata:\n  <<: *base", /anchors, aliases/],
    ["description: *base", /anchors, aliases/],
    ["description: x\nplatforms: [*base]", /anchors, aliases/],
    ["description: x\nplatforms:\n  - &l linux\n  - *l", /anchors, aliases/],
    ["description: x\n&key other: y", /anchors, aliases/],
    ["description: !!str x", /anchors, aliases and tags/],
    ["description: Use when: x\nbase: *base", /anchors, aliases/],
    ["description: Use when: x\nmetadata:\n  author: a: b", /a colon and has to be quoted/],
  ])("is refused with what is wrong in %j", (lines, problem) => {
    expect(problemOf("tea", [{ path: "SKILL.md", content: `---\nname: tea\n${lines}\n---\nbody\n` }])).toMatch(problem);
  });
});

describe("what is a program", () => {
  it.each([
    ["scripts/a.py", "print(1)", true],
    ["scripts/deep/a", "x", true],
    ["assets/run", "#!/bin/sh", true],
    ["SKILL.md", "# Tea", false],
    ["references/scripts/a", "x", false],
    ["assets/empty", "", false],
  ])("is seen from its folder or its first line: %s", (path, content, is) => {
    expect(isProgram({ path, content })).toBe(is);
    expect(isProgram({ path, content: Buffer.from(content) })).toBe(is);
  });
});

describe("validation", () => {
  it("takes a skill with files in the folders for them", () => {
    const more = ["references/a.md", "templates/b/c.txt", "scripts/d.sh", "assets/e.png", "examples/f"].map((path) => ({
      path,
      content: "x",
    }));
    expect(problemOf("tea", filesOf("tea", {}, more))).toBeUndefined();
  });

  it.each([
    ["Tea", false],
    ["tea", true],
    ["tea.v2_x-y", true],
    ["-tea", false],
    ["a..b", false],
    ["../tea", false],
    ["tea/x", false],
    ["", false],
    ["t".repeat(64), true],
    ["t".repeat(65), false],
  ])("knows whether %j is a name", (name, is) => {
    expect(isSkillName(name)).toBe(is);
  });

  it.each([
    "../x",
    "references/../../x",
    "/etc/passwd",
    "references//x",
    "references/",
    "references/./x",
    "refs/x",
    "x.md",
    "references\\x",
    "references/a\nb",
    "references/ x",
    "",
    "references",
    `references/${"x".repeat(200)}`,
  ])("refuses the path %j", (path) => {
    expect(problemOfPath(path)).toBeTypeOf("string");
    expect(problemOf("tea", filesOf("tea", {}, [{ path, content: "x" }]))).toBeTypeOf("string");
  });

  it("lets imports have files anywhere in their folder, but not beside it", () => {
    expect(
      problemOf("tea", filesOf("tea", {}, [{ path: "LICENSE.txt", content: "x" }]), { mayLie: () => true }),
    ).toBeUndefined();
    expect(problemOf("tea", filesOf("tea", {}, [{ path: "../x", content: "x" }]), { mayLie: () => true })).toMatch(
      /no path/,
    );
  });

  it("holds to the limits, at their edges", () => {
    const describe = (length: number) => filesOf("tea", { description: "d".repeat(length) });
    expect(problemOf("tea", describe(240), { isNewByAgent: true })).toBeUndefined();
    expect(problemOf("tea", describe(241), { isNewByAgent: true })).toMatch(/at most 240, and 60 is the goal/);
    expect(problemOf("tea", describe(1_024))).toBeUndefined();
    expect(problemOf("tea", describe(1_025))).toMatch(/1,024/);
    const ofLength = (length: number) => [{ path: "SKILL.md", content: skillText("tea").padEnd(length, "x") }];
    expect(problemOf("tea", ofLength(skillLimits.mainChars))).toBeUndefined();
    expect(problemOf("tea", ofLength(skillLimits.mainChars + 1))).toMatch(/100,000/);
    const asset = (bytes: number) => filesOf("tea", {}, [{ path: "assets/a", content: new Uint8Array(bytes) }]);
    expect(problemOf("tea", asset(skillLimits.fileBytes))).toBeUndefined();
    expect(problemOf("tea", asset(skillLimits.fileBytes + 1))).toMatch(/1 MiB/);
    const many = (count: number) =>
      filesOf(
        "tea",
        {},
        Array.from({ length: count }, (_, n) => ({ path: `assets/${n}`, content: "" })),
      );
    expect(problemOf("tea", many(49))).toBeUndefined();
    expect(problemOf("tea", many(50))).toMatch(/at most 50/);
  });

  it("wants a description, a body, the same name, and each path once", () => {
    expect(problemOf("tea", [{ path: "SKILL.md", content: "---\nname: tea\ndescription: ''\n---\nbody" }])).toMatch(
      /description is empty/,
    );
    expect(problemOf("tea", [{ path: "SKILL.md", content: "---\nname: tea\ndescription: x\n---\n  \n" }])).toMatch(
      /nothing after/,
    );
    expect(problemOf("tea", filesOf("coffee"))).toMatch(/"coffee", not "tea"/);
    expect(problemOf("tea", [...filesOf("tea"), ...filesOf("tea")])).toMatch(/same path/);
    expect(problemOf("tea", [])).toMatch(/needs SKILL.md/);
    expect(problemOf("tea", filesOf("tea", { extra: "metadata:\n  talaria:\n    category: a/b\n" }))).toMatch(
      /no category/,
    );
    expect(problemOf("tea", [{ path: "SKILL.md", content: Uint8Array.of(0xff, 0xfe) }])).toMatch(/not UTF-8/);
  });

  it("keeps text as it is, byte order mark and all", () => {
    expect(textOfFile(Buffer.from("\uFEFFa"))).toBe("\uFEFFa");
    expect(textOfFile(Uint8Array.of(0xc3, 0x28))).toBeUndefined();
  });
});
