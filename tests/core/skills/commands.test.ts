import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerSkills, type SkillCommandPorts } from "../../../core/skills/commands.ts";
import type { Network } from "../../../core/skills/fetch-safely.ts";
import type { SkillStore } from "../../../core/skills/library.ts";
import { readTree } from "../../../core/skills/tree.ts";
import { openLedger } from "../../../core/store/ledger.ts";
import { openSkillLibrary } from "../../../core/store/skills.ts";
import { create, filesOf, freshProfile, skillText, startSkillBench, type SkillBench } from "./skill-bench.ts";

let bench: SkillBench;
const bodies = new Map<string, string>();
const server = createServer((request, response) => {
  const body = bodies.get(String(request.url));
  if (body === undefined) response.writeHead(404).end();
  else response.end(body);
});
let port = 0;
beforeAll(async () => {
  bench = await startSkillBench();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.close();
  await bench.close();
});

const owning = { isOwner: true, isOwn: async () => true };

/** A library with some skills, and what `/skills …` answers in it. */
async function started(...names: string[]) {
  const library = bench.open();
  for (const name of names)
    expect(await library.commit({ name, files: filesOf(name), version: 0, reason: "made" })).toMatchObject({
      ok: true,
    });
  const ports = {
    library,
    ledger: library.ledger,
    owner: "me",
    now: () => 1,
    passed: ["CUP"],
    ...owning,
    network: {
      resolve: async () => ["127.0.0.1"],
      mayContact: (target: Parameters<Network["mayContact"]>[0]) => target.port === port,
    },
  };
  const isOwn: SkillCommandPorts["isOwn"] = async ({ reason }) => reason === "mine";
  const sayAsGuest = (said: string) => answerSkills(said, { ...ports, isOwner: false, isOwn });
  return { library, say: (said: string) => answerSkills(said, ports), sayAsGuest };
}
const commitWith = (library: SkillStore, name: string, extra: string) =>
  library.commit({ name, files: filesOf(name, { extra }), version: 0, reason: "made" });
const mainOf = (body: string) => [{ path: "SKILL.md", content: skillText("tea", { body }) }];

describe("/skills", () => {
  it("lists by category with what is remarkable, also when nothing is said", async () => {
    const { library, say } = await started("tea", "coffee");
    await library.count("tea", "use");
    await library.mark("tea", { isPinned: true }, { reason: "x" });
    expect(await say("")).toBe("**general**\n- `coffee`: Use for coffee.\n- `tea`: Use for tea. (pinned, used 1×)");
    expect(await say("list")).toBe(await say(""));
    expect(await (await started()).say("list")).toBe("There are none.");
  });

  it("says what a skill needs that commands do not find, and which ones are for other systems", async () => {
    const { library, say } = await started();
    await commitWith(library, "tea", "required_environment_variables: [POT_KEY, CUP]\n");
    await commitWith(library, "milk", "required_environment_variables: [CUP]\n");
    await commitWith(library, "finder", "platforms: [macOS, windows]\n");
    expect(await say("list")).toBe(
      "**general**\n- `finder`: Use for finder. (only for macos, windows)\n- `milk`: Use for milk.\n- `tea`: Use for tea. (needs POT_KEY)",
    );
    expect(await say("view tea")).toContain("It needs POT_KEY: its operator adds the names to passthrough");
    expect(await say("view milk")).toContain("Set up: commands find CUP.");
    expect(await say("view finder")).toContain("Only for macos, windows: commands run on Linux");
  });

  it("answers a word it does not know with what it knows", async () => {
    const { say } = await started();
    for (const said of ["what", "__proto__", "toString x"]) expect(await say(said)).toMatch(/list \| archived \| view/);
  });

  it("shows a skill in a fence that its own text does not close", async () => {
    const { library, say } = await started();
    await library.commit({ name: "tea", files: mainOf("```sh\nboil\n```"), version: 0, reason: "made" });
    const text = await say("view tea");
    expect(text).toContain("**tea**: active, person");
    expect(text).toMatch(/````markdown\n---[\s\S]*```sh\nboil\n```\n````$/);
    expect(await say("view none")).toBe("There is no skill `none`.");
  });

  it("finds skills by words", async () => {
    const { say } = await started("tea-ceremony", "coffee");
    expect(await say("search ceremony of tea")).toMatch(/^- `tea-ceremony`/);
    expect(await say("search elephants")).toMatch(/No skill is about/);
  });

  it("pins, unpins, archives, brings back and adopts", async () => {
    const { library, say } = await started("tea");
    expect(await say("pin tea")).toMatch(/pinned/);
    expect(await say("archive tea")).toMatch(/unpin it before/);
    expect(await say("unpin tea")).toMatch(/unpinned/);
    expect(await say("archive tea")).toMatch(/archived/);
    expect(await say("archived")).toContain("`tea`");
    expect(await say("list")).toBe("There are none.");
    expect(await say("restore tea")).toMatch(/brought back/);
    expect(await say("adopt tea")).toMatch(/adopted/);
    expect(await library.find("tea")).toMatchObject({ state: "active", isPinned: false, origin: "learnt" });
    expect(await say("pin none")).toMatch(/no skill/);
    const deeds = [...(await say("log")).matchAll(/ person: (.+) `tea`/g)].map(([, deed]) => deed);
    expect(deeds.toReversed()).toEqual(["create", "pin", "unpin", "archive", "restore", "adopt"]);
    expect(await say("undo")).toMatch(/^Taken back: adopt of `tea`/);
  });

  it("takes the last change back in one command, and the named one", async () => {
    const { library, say } = await started("tea");
    const before = await readTree(library, (await library.find("tea")) ?? expect.fail("no tea"));
    await library.commit({ name: "tea", files: mainOf("new"), version: 1, reason: "better" });
    expect(await say("log")).toMatch(/^- `led_\w+` \d{4}-.* person: change `tea`: better\n- .*create `tea`: made$/);
    expect(await say("undo")).toMatch(/Taken back: change of `tea` by person \(better\)/);
    expect(await readTree(library, (await library.find("tea")) ?? expect.fail("no tea"))).toEqual(before);
    expect(await say("log")).toMatch(/better \(taken back\)/);
    expect(await say("undo")).toMatch(/Taken back: create/);
    expect(await say("undo")).toBe("There is nothing to take back.");
    expect(await say("undo led_none")).toMatch(/no change/);
  });

  it("leaves what a deployment brought alone, unless it is named", async () => {
    const { as } = bench.shared();
    await create(as("deployment"), "web-research");
    const library = as("person");
    const ports = { library, ledger: library.ledger, owner: "", now: Date.now, passed: [], ...owning };
    expect(await answerSkills("undo", ports)).toBe("There is nothing to take back.");
    const [line] = library.ledger.entries;
    expect(await answerSkills(`undo ${line?.id}`, ports)).toMatch(/Taken back: create of `web-research`/);
  });

  it("takes back what happened, not what a crash kept from happening", async () => {
    const { library, say } = await started("tea");
    await library.commit({ name: "tea", files: mainOf("new"), version: 1, reason: "better" });
    const [made, changed] = library.ledger.entries;
    if (!made || !changed) return expect.fail("no lines");
    const after = { ...(changed.after as object), revision: "f".repeat(32) };
    await library.ledger.append({ ...changed, before: changed.after, after, reason: "never came" });
    expect(await say("undo")).toMatch(/Taken back: change of `tea` by person \(better\)/);
    expect(await library.find("tea")).toMatchObject({ revision: (made.after as { revision: string }).revision });
  });

  it("takes back over the ledger of the database as well, where lines about notebooks lie between", async () => {
    const profile = freshProfile();
    const ledger = openLedger(bench.table, profile, Date.now);
    const library = openSkillLibrary({ ...bench, ledger, profile, actor: "review", session: "ses_1", now: Date.now });
    const person = openSkillLibrary({ ...bench, ledger, profile, actor: "person", now: Date.now });
    const say = (said: string) =>
      answerSkills(said, { library: person, ledger, owner: "me", now: Date.now, passed: [], ...owning });
    expect(await library.commit({ name: "tea", files: filesOf("tea"), version: 0, reason: "learnt" })).toMatchObject({
      ok: true,
    });
    for (let n = 0; n < 60; n += 1) {
      const subject = { kind: "notebook" as const, name: "memory" };
      await ledger.append({ actor: "agent", subject, action: "change", before: [], after: [`${n}`], reason: "" });
    }
    expect(await say("log")).toMatch(/review: create `tea`: learnt/);
    expect(await say("undo")).toMatch(/Taken back: create of `tea` by review/);
    expect(await say("log")).toMatch(/undo `tea`[\s\S]*learnt \(taken back\)/);
    expect(await person.list()).toEqual([]);
    expect(await person.list({ archived: true })).toMatchObject([{ name: "tea", origin: "learnt" }]);
  });

  it("names the files of an export, and how to get them", async () => {
    const { library, say } = await started();
    const files = filesOf("tea", {}, [{ path: "assets/x.bin", content: Uint8Array.of(0, 255) }]);
    await library.commit({ name: "tea", files, version: 0, reason: "made" });
    expect(await say("export tea")).toMatch(
      /^2 files: `tea\/SKILL\.md`, `tea\/assets\/x\.bin`\n`npm run talaria -- skills export tea`/,
    );
    expect(await say("export none")).toBe("There is no skill `none`.");
  });

  it("imports, says what the scan found, and tells what went wrong", async () => {
    const { say } = await started();
    const address = `http://skills.example:${port}`;
    bodies.set("/SKILL.md", skillText("tea"));
    expect(await say(`import ${address}/SKILL.md`)).toBe("Imported: `tea`: Use for tea.");
    bodies.set("/doubt/SKILL.md", skillText("cake", { body: "sudo bake" }));
    expect(await say(`import ${address}/doubt/SKILL.md`)).toMatch(
      /--force\.\n- SKILL.md:6 looks like commands as root/,
    );
    expect(await say(`import --force ${address}/doubt/SKILL.md`)).toMatch(/^Imported: `cake`/);
    expect(await say(`import ${address}/none`)).toMatch(/Not imported: .*404/);
    expect(await say("import http://localhost/x")).toMatch(/Not imported: .*may not be contacted/);
    expect(await say("import")).toMatch(/from where/);
  });
});

describe("who is no owner", () => {
  it("looks at everything, and changes nothing that everybody shares", async () => {
    const { library, sayAsGuest } = await started("tea");
    for (const said of ["", "list", "archived", "view tea", "search tea", "log", "export tea"])
      expect(await sayAsGuest(said)).not.toContain("Only an owner");
    const before = await library.list();
    const url = `http://127.0.0.1:${port}/SKILL.md`;
    for (const said of ["pin tea", "unpin tea", "archive tea", "restore tea", "ADOPT tea", `import ${url} --force`])
      expect(await sayAsGuest(said)).toMatch(/^Only an owner of this agent may do that/);
    expect(await library.list()).toEqual(before);
  });

  it("takes back what came of their own sessions, and nothing of others", async () => {
    const { library, sayAsGuest } = await started("tea", "soup");
    const [tea] = library.ledger.entries;
    for (const said of ["undo", `undo ${tea?.id}`])
      expect(await sayAsGuest(said)).toMatch(/^Only an owner of this agent may take back/);
    await library.commit({ name: "tea", files: mainOf("new"), version: 1, reason: "mine" });
    await library.commit({
      name: "soup",
      files: filesOf("soup", { body: "# Soup\n\nBoil." }),
      version: 1,
      reason: "theirs",
    });
    expect(await sayAsGuest("undo")).toMatch(/Taken back: change of `tea` by person \(mine\)/);
    expect(await sayAsGuest("undo")).toMatch(/^Only an owner/);
    expect((await library.list()).map(({ name }) => name)).toEqual(["soup", "tea"]);
  });
});
