import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curatorText, decideProposal } from "../../../core/learning/curator/commands.ts";
import { pressedProposal } from "../../../core/learning/curator/proposal.ts";
import { curate } from "../../../core/learning/curator/run.ts";
import type { Button } from "../../../core/platforms/platform.ts";
import { suggestPlace } from "../../../core/store/curator.ts";
import { type CuratorBench, startCuratorBench, suggesting } from "./curator-bench.ts";

let bench: CuratorBench;
beforeAll(async () => {
  bench = await startCuratorBench();
});
afterAll(() => bench.close());

const forOwners = /^Only an owner of this agent may do that/;
const guest = ["telegram::7", "telegram:7"] as const;

const pressesOf = (buttons: readonly Button[]) =>
  buttons.map(({ payload }) => pressedProposal(payload) ?? expect.fail("none of ours"));

/** A skill that the curator proposes to archive, and a note about the guest that it would take out. */
async function proposed() {
  const curated = await bench.open({ brain: suggesting({ kind: "archive", from: ["brew-tea"] }) });
  await curated.learn("brew-tea", { description: "Brew tea" });
  await curated.learn("brew-green-tea", { description: "Brew tea, green" });
  const entry = { createdAt: 1, updatedAt: 1, confirmedAt: Date.now() };
  const texts = ["Bob likes tea with milk", "Bob likes the tea with milk"];
  curated.books.set(
    "user#telegram::7",
    texts.map((text) => ({ ...entry, text })),
  );
  await curate(curated.ports, { isManual: true });
  const all = await curated.ports.proposals.list({ owner: "telegram::7" });
  const [skill, note] = [all.find(({ owner }) => owner === undefined), all.find(({ owner }) => owner !== undefined)];
  if (!skill || !note) return expect.fail("nothing was proposed");
  return { ...curated, skill, note };
}

describe("who is no owner", () => {
  it("reads what the curator did and proposes, and changes nothing with it", async () => {
    const curated = await proposed();
    const commands = curated.commands(...guest);
    const said = async (text: string) => (await curatorText(text, commands)).text;
    for (const text of ["", "status", "reports", "diff", `diff ${curated.skill.number}`, "nonsense"])
      expect(await said(text)).not.toMatch(forOwners);
    const before = [await curated.ports.skills.list(), await curated.ports.records.read()];
    const marks = ["pin brew-tea", "unpin brew-tea", "archive brew-tea", "restore brew-tea"];
    const [line] = curated.ledger.entries;
    const others = [
      `approve ${curated.skill.number}`,
      `reject ${curated.skill.number}`,
      "rollback",
      `rollback ${line?.id}`,
    ];
    for (const text of ["run", "DRY-RUN", "pause", "resume", ...marks, ...others])
      expect(await said(text)).toMatch(forOwners);
    expect([await curated.ports.skills.list(), await curated.ports.records.read()]).toEqual(before);
    expect(commands.started).toEqual([]);
  });

  it("sees a proposal about skills without its buttons, and presses them in vain", async () => {
    const { skill, commands, ports } = await proposed();
    expect((await curatorText(`diff ${skill.number}`, commands())).buttons).toHaveLength(2);
    expect((await curatorText(`diff ${skill.number}`, commands(...guest))).buttons).toEqual([]);
    for (const decision of ["approve", "reject"] as const)
      expect((await decideProposal({ id: skill.id, decision }, commands(...guest))).text).toMatch(forOwners);
    expect((await decideProposal({ id: skill.id, decision: "diff" }, commands(...guest))).buttons).toEqual([]);
    expect(await ports.proposals.find(skill.id)).toMatchObject({ status: "open" });
  });

  it("decides what is about their own notes, which an owner neither sees nor decides", async () => {
    const { skill, note, commands, ports } = await proposed();
    expect((await curatorText(`diff ${note.number}`, commands(...guest))).buttons).toHaveLength(2);
    expect((await curatorText(`approve ${note.number}`, commands())).text).not.toContain("done");
    const { text } = await curatorText("approve all", commands(...guest));
    expect(text).toContain("done");
    expect(await ports.proposals.find(note.id)).toMatchObject({ status: "approved" });
    expect(await ports.proposals.find(skill.id)).toMatchObject({ status: "open" });
  });
});

describe("several proposals", () => {
  it("are named with a button each that leads to the one, of more than five to the first", async () => {
    const many = Array.from({ length: 6 }, (_, at) => `brew-tea-${at}`);
    const curated = await bench.open({
      brain: suggesting(...many.map((name) => ({ kind: "archive" as const, from: [name] }))),
    });
    for (const name of many) await curated.learn(name, { description: "Brew tea of a kind" });
    await curate(curated.ports, { isManual: true });
    const open = await curated.ports.proposals.list({ status: "open" });
    expect(open).toHaveLength(6);
    const first = open.slice(0, 5).map(({ id, number }) => ({ payload: `${id}:diff`, label: `Show ${number}` }));
    const { text, buttons } = await curatorText("diff", curated.commands());
    expect(buttons).toEqual(first);
    expect(text.split("\n").filter((line) => /^\d\. archive/.test(line))).toHaveLength(6);
    const [notice] = curated.notices;
    expect(notice).toMatchObject({
      buttons: first,
      text: expect.stringMatching(/5\. archive brew-tea-\d\nand 1 more$/),
    });
    const press = pressesOf(buttons)[0] ?? expect.fail("no button");
    expect((await decideProposal(press, curated.commands())).buttons.map(({ label }) => label)).toEqual([
      "Approve",
      "Reject",
    ]);
  });
});

describe("notices", () => {
  const placeOf = (chat: string) => ({ platform: "telegram", chat, kind: "direct" as const });

  it("go to the direct chat of an owner alone, also when another one's was suggested first", async () => {
    const { commands, ports } = await bench.open();
    const suggest = (id: string, isOwner: (identity: string | undefined) => boolean) =>
      suggestPlace(ports.records, { place: placeOf(id), identity: `telegram:${id}`, isOwner });
    const told = async () => (await ports.records.read()).state;
    const isOwner = commands().isOwner;
    await suggest("7", isOwner);
    await curatorText("", { ...commands(...guest), place: placeOf("7") });
    expect(await told()).toMatchObject({ tellAt: null });
    await suggest("7", () => true);
    expect(await told()).toMatchObject({ tellAt: { chat: "7" }, tellTo: "telegram:7" });
    await suggest("42", isOwner);
    expect(await told()).toMatchObject({ tellAt: { chat: "42" }, tellTo: "telegram:42" });
    await curatorText("", { ...commands(...guest), place: placeOf("7") });
    expect(await told()).toMatchObject({ tellAt: { chat: "42" } });
  });
});
