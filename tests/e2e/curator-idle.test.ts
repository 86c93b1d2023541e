/** The curator and whoever is at work: real turns, the functions under their roles, the gate that reads what they left. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseJson } from "../../core/base/json.ts";
import { openActivity } from "../../core/store/activity.ts";
import { openCuratorRecords } from "../../core/store/curator.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openTable } from "../../core/store/table.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import type { Brain } from "../fakes/model-server.ts";
import { atRest, startAgent, until, type TestAgent } from "../support/agent.ts";

const conversation = "main:telegram::direct:42::";
const hourMs = 3_600_000;

let agent: TestAgent;
let brain: Brain = () => ({ text: "Hello." });
const table = () => openTable(String(agent.cloud.awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
const activity = (now: () => number = Date.now) => openActivity(table(), "main", now);
/** As if what was noted last had been noted so long ago. */
const ago = (ms: number) => activity(() => Date.now() - ms).noteTurn();

const look = async (more: object = {}) => {
  const result = await agent.cloud.invoke("curator", { task: "curate", ...more });
  return "payload" in result ? parseJson(result.payload) : result;
};

beforeAll(async () => {
  agent = await startAgent((request) => brain(request), { mode: "strict" });
  const records = openCuratorRecords(table(), "main", Date.now);
  const { state, version } = await records.read();
  await records.write({ ...state, lastRunAt: Date.now() - 8 * 24 * hourMs }, version);
});
afterAll(() => agent.close());

const busy = { status: "skipped", reason: expect.stringMatching(/^the agent was in use 0 min ago; it is tried again/) };

it("is put off by a turn that has ended, and runs at a look after two hours", async () => {
  await agent.say("hi");
  await atRest(agent);
  await until("the note of the turn", async () => (await activity().lastTurnAt()) > 0);
  expect(await look()).toMatchObject(busy);
  // A run that a person asks for is not put off.
  expect(await look({ manual: true, dry: true })).toMatchObject({ status: "done" });
  await ago(2 * hourMs - 60_000);
  expect(await look()).toMatchObject({ status: "skipped" });
  await ago(2 * hourMs);
  expect(await look()).toMatchObject({ status: "done" });
  expect(await look()).toMatchObject({ reason: expect.stringContaining("the next run is due") });
});

it("is put off by a turn that is still at work", async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  brain = async () => {
    await held;
    return { text: "At last." };
  };
  const before = agent.model.requests.length;
  await agent.say("take your time");
  await until("the model's request", () => agent.model.requests.length > before);
  await ago(3 * hourMs);
  // As after a minute, in which nobody looked at the lease.
  const lease = await agent.store.leases.current(conversation);
  if (lease) await agent.store.leases.extend(lease, -1);
  await agent.cloud.invoke("schedule", { task: "sweep" });
  expect(await activity().lastTurnAt()).toBeGreaterThan(Date.now() - hourMs);
  letGo();
  await atRest(agent);
});
