import { afterAll, beforeAll, expect, it } from "vitest";
import { openBlobs } from "../../../core/store/blobs.ts";
import { openCuratorRecords, suggestPlace } from "../../../core/store/curator.ts";
import { openProposals } from "../../../core/store/proposals.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openLedger } from "../../../core/store/ledger.ts";
import { openNotebook } from "../../../core/store/notebooks.ts";
import { openSkillLibrary } from "../../../core/store/skills.ts";
import { openTable } from "../../../core/store/table.ts";
import { invokeLater } from "../../../functions/compose/invoke-later.ts";
import { resourceEnvironment } from "../../../stacks/manifest.ts";
import { startAgent, type TestAgent } from "../../support/agent.ts";
import { eventually } from "../../local/cloud/support.ts";
import { skillText } from "../skills/skill-bench.ts";

const text = skillText("brew-tea", {
  description: "Brew tea of any kind",
  body: "# Brew tea\n\nWait 3 min.\n\n# Brew green tea\n\nAt 70 degrees.",
});
const merge = {
  kind: "merge",
  from: ["brew-tea", "brew-green-tea"],
  into: "brew-tea",
  reason: "One is part of the other.",
  files: [{ path: "SKILL.md", text }],
};

let agent: TestAgent;
beforeAll(async () => {
  agent = await startAgent(() => ({ text: JSON.stringify({ proposals: [merge], flaws: [] }) }));
});
afterAll(() => agent.close());

it("the function of a deployment, started as the owner starts it, looks at skills and notebooks and leaves proposals and a report", async () => {
  const { awsEnvironment } = agent.cloud;
  const table = openTable(String(awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
  const blobs = openBlobs(String(awsEnvironment[resourceEnvironment.bucket]));
  const [profile, ledger] = ["main", openLedger(table, "main", Date.now)];
  const skills = openSkillLibrary({ table, blobs, ledger, profile, actor: "curator", now: Date.now });
  for (const [name, body] of [
    ["brew-tea", "# Brew tea\n\nWait 3 min."],
    ["brew-green-tea", "# Brew green tea\n\nAt 70 degrees."],
  ] as const) {
    const files = [{ path: "SKILL.md", content: skillText(name, { description: "Brew tea of a kind", body }) }];
    expect(await skills.commit({ name, files, version: 0, reason: "learnt" })).toMatchObject({ ok: true });
  }
  const book = openNotebook(
    table,
    { profile, name: "user#telegram::42", owner: "telegram::42", actor: "agent" },
    ledger,
    Date.now,
  );
  const at = Date.now();
  const note = (said: string) => ({
    text: said,
    createdAt: at,
    updatedAt: at,
    confirmedAt: at,
    actor: "agent" as const,
  });
  await book.write([note("Ada likes tea with milk"), note("Ada likes the tea with milk.")], 0, {
    reason: "said so",
  });
  const records = openCuratorRecords(table, profile, Date.now);
  const [group, direct] = (["group", "direct"] as const).map((kind) => ({ platform: "telegram", chat: "42", kind }));
  const told = { identity: "telegram:42", isOwner: () => true };
  for (const place of [group!, direct!, { ...direct!, chat: "43" }]) await suggestPlace(records, { place, ...told });
  await invokeLater(awsEnvironment, resourceEnvironment.curatorFunction)({ task: "curate", manual: true, dry: false });
  const ended = await eventually("a run has ended", async () => (await records.read()).state.ended[0]);
  const proposals = await openProposals(table, profile).list({ owner: "telegram::42" });
  expect(proposals).toMatchObject([
    { change: { kind: "merge", preservation: { missing: [], dropped: [] } } },
    { change: { kind: "memory", flaw: "duplicate", next: "Ada likes the tea with milk." } },
  ]);
  const report = Buffer.from(await blobs.get(`curator/main/reports/${ended?.id}/REPORT.md`)).toString("utf8");
  expect(report).toContain("merge brew-tea, brew-green-tea into brew-tea [open]");
  expect(report).not.toContain("milk");
  // To the first direct chat, with what can be decided there, and nothing of a person's notes.
  const [notice, ...others] = agent.telegram.messages;
  expect(others).toEqual([]);
  expect(notice).toMatchObject({ chat: "42", text: expect.stringContaining("Curator: 2 proposals") });
  expect(notice?.buttons?.map(({ label }) => label)).toEqual(["Approve", "Reject"]);
  expect(notice?.text).not.toContain("milk");
});
