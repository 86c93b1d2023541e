import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBlobs } from "../../core/store/blobs.ts";
import { openCuratorRecords } from "../../core/store/curator.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openLedger } from "../../core/store/ledger.ts";
import { openProposals, type Proposal } from "../../core/store/proposals.ts";
import { openSkillLibrary } from "../../core/store/skills.ts";
import { openTable } from "../../core/store/table.ts";
import { invokeLater } from "../../functions/compose/invoke-later.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { skillText } from "../core/skills/skill-bench.ts";
import { telegramDelivery } from "../fakes/platform-telegram.ts";
import { telegramPress } from "../fakes/platform-telegram-press.ts";
import { startAgent, telegramWebhookSecret, type TestAgent, until } from "../support/agent.ts";

const [owner, guest] = [42, 7];
const group = { id: -100, type: "supergroup" };
const topic = { message_thread_id: 5, is_topic_message: true };
const names = ["brew-tea", "brew-green-tea"] as const;

/** The skills are alike, so that the curator asks; it proposes to archive each. */
const proposals = names.map((name) => ({ kind: "archive", from: [name], reason: `Nobody needs ${name}.`, files: [] }));

let agent: TestAgent;
beforeAll(async () => {
  agent = await startAgent(() => ({ text: JSON.stringify({ proposals, flaws: [] }) }), {
    settings: { TALARIA_ALLOWED_USERS: `telegram:${guest}`, TALARIA_OWNERS: `telegram:${owner}` },
  });
});
afterAll(() => agent.close());

function stores() {
  const { awsEnvironment } = agent.cloud;
  const table = openTable(String(awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
  const blobs = openBlobs(String(awsEnvironment[resourceEnvironment.bucket]));
  const ledger = openLedger(table, "main", Date.now);
  return {
    skills: openSkillLibrary({
      table,
      blobs,
      ledger,
      profile: "main",
      actor: "curator",
      now: Date.now,
    }),
    records: openCuratorRecords(table, "main", Date.now),
    proposals: openProposals(table, "main"),
  };
}

let updates = 50;
type Delivery = { path: string; method: string; headers: Record<string, string>; body: string };

/** The text of the next message that the agent sends to this chat. */
async function answerTo(chat: number, { path, ...request }: Delivery) {
  const sent = () => agent.telegram.messages.filter((message) => message.chat === String(chat));
  const before = sent().length;
  expect((await fetch(`${agent.cloud.url}${path}`, request)).status).toBe(200);
  return until("an answer", () => sent()[before]);
}

const secret = telegramWebhookSecret;
const personOf = (id: number) => ({ id, first_name: `Person ${id}` });
const say = (from: number, text: string, chat?: typeof group) => {
  const entities = [{ type: "bot_command", offset: 0, length: text.split(" ")[0]?.length ?? 0 }];
  const said = { secret, updateId: (updates += 1), text, from: personOf(from), message: { entities } };
  return answerTo(chat?.id ?? from, telegramDelivery({ ...said, ...(chat && { chat }) }));
};
const press = (from: number, data: string, more?: object) =>
  answerTo(
    group.id,
    telegramPress({
      secret,
      updateId: (updates += 1),
      data,
      from: personOf(from),
      message: {
        id: (updates += 1),
        chat: group,
        buttons: [{ label: "Approve", payload: data }],
        ...(more && { more }),
      },
    }),
  );

/** As the last run left them, the first of them first. */
async function proposed(): Promise<[Proposal, Proposal]> {
  const [first, second] = await stores().proposals.list({ status: "open" });
  return first && second ? [first, second] : expect.fail("two proposals are missing");
}

describe("owners of a profile", () => {
  it("are let in without being allowed users, and are told what they are", async () => {
    expect((await say(owner, "/whoami")).text).toBe("You are telegram:42, an owner of this agent.");
    expect((await say(guest, "/whoami")).text).toBe("You are telegram:7, not an owner of this agent.");
  });

  it("are whom the curator tells, also when somebody else alone has spoken of it", async () => {
    const { skills, records } = stores();
    for (const [name, body] of [
      [names[0], "# Brew tea\n\nWait 3 min."],
      [names[1], "# Brew green tea\n\nAt 70 degrees."],
    ] as const) {
      const files = [{ path: "SKILL.md", content: skillText(name, { description: "Brew tea of a kind", body }) }];
      expect(await skills.commit({ name, files, version: 0, reason: "learnt" })).toMatchObject({ ok: true });
    }
    expect((await say(guest, "/curator")).text).toContain("It has not run yet.");
    expect((await say(guest, "/curator run")).text).toMatch(/^Only an owner of this agent/);
    expect((await records.read()).state.tellAt).toBeNull();
    // As from a time when nobody was named.
    const { state, version } = await records.read();
    const chat = { platform: "telegram", chat: String(guest), kind: "direct" as const };
    expect(await records.write({ ...state, tellAt: chat, tellTo: `telegram:${guest}` }, version)).toBe(true);
    const told = () => agent.telegram.messages.find(({ text }) => text.startsWith("Curator: 2 proposals"));
    const run = invokeLater(agent.cloud.awsEnvironment, resourceEnvironment.curatorFunction);
    await run({ task: "curate", manual: true, dry: false });
    const notice = await until("the notice", told);
    expect(notice).toMatchObject({ chat: String(owner), text: expect.stringContaining("1. archive ") });
    const [show] = notice.buttons ?? [];
    expect(notice.buttons?.map(({ label }) => label)).toEqual(["Show 1", "Show 2"]);
    const labels = async (presser: number) =>
      (await press(presser, show?.payload ?? "")).buttons?.map(({ label }) => label);
    expect(await labels(owner)).toEqual(["Approve", "Reject"]);
    expect(await labels(guest)).toBeUndefined();
  });

  it("alone change the skills of everybody; others look", async () => {
    const { skills } = stores();
    expect((await say(guest, "/skills")).text).toContain("brew-tea");
    for (const text of ["/skills pin brew-tea", "/skills import http://127.0.0.1:9/x --force", "/skills undo"])
      expect((await say(guest, text)).text).toMatch(/^Only an owner of this agent/);
    expect(await skills.find("brew-tea")).toMatchObject({ isPinned: false });
    expect((await say(owner, "/skills pin brew-tea")).text).toContain("pinned");
    expect((await say(owner, "/skills unpin brew-tea")).text).toContain("unpinned");
  });

  it("alone decide by a button, wherever it stands and whoever else may press it", async () => {
    const [first, second] = await proposed();
    const shown = await say(owner, `/curator diff ${first.number}`, group);
    const payload = shown.buttons?.find(({ label }) => label === "Approve")?.payload ?? expect.fail("no button");
    for (const [data, more] of [
      [payload, undefined],
      [`${second.id}:approve`, topic],
      [`${second.id}:reject`, topic],
    ] as const)
      expect((await press(guest, data, more)).text).toMatch(/^Only an owner of this agent/);
    expect((await stores().proposals.list({ status: "open" })).length).toBe(2);
    expect((await press(owner, payload)).text).toContain("done");
    // A topic's session belongs to all who write there: who pressed is what counts.
    expect((await press(owner, `${second.id}:approve`, topic)).text).toContain("done");
    expect((await stores().skills.list()).filter(({ name }) => name.startsWith("brew-"))).toEqual([]);
  });
});
