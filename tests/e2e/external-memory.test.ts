import { afterAll, beforeAll, expect, it } from "vitest";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openRecollections } from "../../core/store/recollections.ts";
import { openTable } from "../../core/store/table.ts";
import { readEnvironment } from "../../functions/compose/environment.ts";
import { type FakeHoncho, honchoKey, startFakeHoncho } from "../fakes/honcho-server.ts";
import { startAgent, until, type TestAgent } from "../support/agent.ts";

/** The external memory through the functions: told and asked after a turn, shown with the next. */
let honcho: FakeHoncho;
let agent: TestAgent;
beforeAll(async () => {
  honcho = await startFakeHoncho();
  agent = await startAgent(() => ({ text: "Noted." }), {
    settings: {
      TALARIA_REVIEW: "off",
      TALARIA_MEMORY_PROVIDER: "honcho",
      HONCHO_API_KEY: honchoKey,
      HONCHO_URL: honcho.url,
    },
  });
});
afterAll(async () => {
  await agent.close();
  await honcho.close();
});

const conversation = "main:telegram::direct:42::";
const isAnswered = async () => (await agent.store.leases.current(conversation))?.held === false;

it("is given to the model with the next turn, which does not wait for the memory", async () => {
  const kept = openRecollections(openTable(readEnvironment().table, dynamoDbSdk()), Date.now);
  const about = { profile: "main", owner: "telegram::42", session: "" };
  await agent.say("I take my tea without milk.");
  await until("what was recalled", async () => (await kept.get(about)).includes("without milk"));
  // From here on it answers nobody.
  const held = honcho.hold("GET context");
  await agent.say("Make me tea");
  await until("the answer", () => agent.telegram.messages.length === 2);
  await until("the end of the turn", isAnswered);
  const said = agent.model.requests.at(-1)?.messages?.findLast(({ role }) => role === "user");
  expect(JSON.stringify(said)).toMatch(/Make me tea.*recalled-memory.*without milk/);
  held.release();
});
