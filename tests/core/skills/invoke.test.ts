import { afterAll, describe, expect, it } from "vitest";
import { invokeSkills } from "../../../core/skills/invoke.ts";
import { filesOf, skillText, startSkillBench } from "./skill-bench.ts";

const bench = await startSkillBench();
afterAll(() => bench.close());

const bundle = (members: string) => ({ extra: `metadata:\n  talaria:\n    bundle: [${members}]\n` });
async function libraryWith(skills: Record<string, Parameters<typeof filesOf>[1]>) {
  const library = bench.open();
  for (const [name, about] of Object.entries(skills)) {
    const more = name === "tea" ? [{ path: "references/water.md", content: "hot" }] : [];
    const committed = await library.commit({ name, files: filesOf(name, about, more), version: 0, reason: "a test" });
    expect(committed).toMatchObject({ ok: true });
  }
  return library;
}

describe("a skill called by name", () => {
  it("comes into the message with its text, its files and what the person said, and is counted", async () => {
    const library = await libraryWith({ tea: {} });
    const invoked = await invokeSkills(library, "/tea for two, please\nand cake");
    expect(invoked).toMatchObject({ skills: ["tea"], missing: [] });
    expect(invoked?.text).toContain(skillText("tea").trim());
    expect(invoked?.text).toContain("references/water.md");
    expect(invoked?.text.endsWith("for two, please\nand cake")).toBe(true);
    expect(await library.find("tea")).toMatchObject({ uses: 1, views: 0 });
  });

  it("is none when the message begins with something else", async () => {
    const library = await libraryWith({ tea: {} });
    for (const text of ["tea", "/coffee", "hello /tea", "/", "/tea/x", "//tea", ""])
      expect(await invokeSkills(library, text)).toBeUndefined();
  });

  it("may be followed by four others; what is no skill belongs to what is said", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const library = await libraryWith(
      Object.fromEntries(names.map((name) => [name, { description: `Purpose ${name}${name}${name}.` }])),
    );
    expect(await invokeSkills(library, "/a /b /c /d /e /f go")).toMatchObject({
      skills: ["a", "b", "c", "d", "e"],
      text: expect.stringMatching(/\n\/f go$/),
    });
    expect(await invokeSkills(library, "/a /usr/bin is a folder")).toMatchObject({
      skills: ["a"],
      text: expect.stringMatching(/\n\/usr\/bin is a folder$/),
    });
    expect(await invokeSkills(library, "/a /nothing /b x")).toMatchObject({
      skills: ["a"],
      text: expect.stringMatching(/\n\/nothing \/b x$/),
    });
    expect(await invokeSkills(library, "/a /a")).toMatchObject({
      skills: ["a"],
      text: expect.stringMatching(/Nothing else was said/),
    });
  });

  it("is found under the spelling that chat apps allow", async () => {
    const library = await libraryWith({ "code-review": {} });
    for (const text of ["/code_review x", "/Code-Review x", "/code_review@talaria_bot x"])
      expect(await invokeSkills(library, text)).toMatchObject({ skills: ["code-review"] });
  });

  it("that is a bundle brings its members, and says which are not there", async () => {
    const library = await libraryWith({ tea: {}, cake: {}, party: bundle("tea, cake, music") });
    const invoked = await invokeSkills(library, "/party tonight");
    expect(invoked).toMatchObject({ skills: ["party", "tea", "cake"], missing: ["music"] });
    expect(invoked?.text).toContain("Not there: music");
    expect(await library.find("cake")).toMatchObject({ uses: 1 });
  });

  it("is the bundle when a skill is called alike", async () => {
    const library = await libraryWith({
      "the-day": { description: "A skill." },
      the_day: { ...bundle("tea"), description: "A bundle." },
      tea: {},
    });
    expect(await invokeSkills(library, "/the_day")).toMatchObject({ skills: ["the_day", "tea"] });
    expect(await invokeSkills(library, "/the-day")).toMatchObject({ skills: ["the_day", "tea"] });
  });

  it("is not there any more once it is archived", async () => {
    const library = await libraryWith({ tea: {} });
    await library.mark("tea", { state: "archived" }, { reason: "a test" });
    expect(await invokeSkills(library, "/tea")).toBeUndefined();
  });
});
