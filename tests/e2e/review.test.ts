import { resourceEnvironment } from "../../stacks/manifest.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { refine, learnPrompt } from "../../core/learning/commands.ts";
import { parseJson } from "../../core/base/json.ts";
import { silentLog } from "../../core/base/log.ts";
import { bodyCodec } from "../../core/store/bodies.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { type CuratorRecords, openCuratorRecords } from "../../core/store/curator.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openReviews, type Reviews } from "../../core/store/reviews.ts";
import { openTable } from "../../core/store/table.ts";
import { readEnvironment } from "../../functions/compose/environment.ts";
import { invokeLater } from "../../functions/compose/invoke-later.ts";
import type { Brain, SeenRequest } from "../fakes/model-server.ts";
import { startAgent, until, type TestAgent } from "../support/agent.ts";
import { isReview, iterationOf } from "../core/learning/review-bench.ts";

/** Reviews through Lambda: the signed asynchronous invocation, the function with its own composition, and the chat. */
let agent: TestAgent;
let review: Brain;
let reviews: Reviews;
let curator: CuratorRecords;

beforeAll(async () => {
  agent = await startAgent((request) => (isReview(request) ? review(request) : { text: "It is done." }), {
    settings: { TALARIA_REVIEW: "on" },
  });
  const environment = readEnvironment();
  const table = openTable(environment.table, dynamoDbSdk());
  reviews = openReviews(table, bodyCodec(openBlobs(environment.bucket)));
  curator = openCuratorRecords(table, "main", Date.now);
});
afterAll(() => agent.close());
beforeEach(() => {
  review = () => ({ text: "Nothing to save." });
});

const conversation = "main:telegram::direct:42::";
const texts = () => agent.telegram.messages.map(({ text }) => text);
const ports = () => ({
  startReview: invokeLater(readEnvironment().settings, resourceEnvironment.reviewFunction),
  log: silentLog,
});

async function talk(...said: string[]) {
  for (const text of said) {
    await agent.say(text);
    await until("the end of the turn", async () => (await agent.store.leases.current(conversation))?.held === false);
  }
  const { session = "", turn = 0 } = (await agent.store.leases.current(conversation)) ?? {};
  return { conversation, session, turn };
}

/** The lines of the log about one turn. */
const logged = ({ session, turn }: { session: string; turn: number }) =>
  readFileSync(join(agent.dataFolder, "talaria.log"), "utf8")
    .split("\n")
    .map((line) => parseJson(line) as { event?: string; reason?: string; session?: string; turn?: number } | undefined)
    .filter((line) => line?.session === session && line.turn === turn);

const saving: Brain = (request) =>
  iterationOf(request) > 0
    ? { text: "Kept." }
    : {
        toolCalls: [
          { name: "memory", arguments: { target: "user", action: "add", content: "Prefers short replies." } },
        ],
      };

describe("functions/review", () => {
  it("is started after a turn that corrected the agent, learns, and says so in the chat", async () => {
    review = saving;
    await talk("Tell me about owls", "No, shorter please");
    await until("the notice", () => texts().at(-1) === "Self-improvement review: notes about you updated");
    // Where somebody was told, the curator finds its owner.
    await until("the place", async () => (await curator.read()).state.tellAt?.chat === "42");
    review = () => ({ text: "Nothing to save." });
    await agent.say("/new");
    await until("the new session", () => texts().some((text) => text.startsWith("A new session begins")));
    await agent.say("hello");
    const isHello = ({ messages: [first, ...others] }: SeenRequest) =>
      others.length === 0 && first?.role === "user" && first.text === "hello";
    const request = await until("the new session's request", () => agent.model.requests.find(isHello));
    expect(request.system).toContain("Prefers short replies.");
  });

  it("says in the log why a turn that is not due is left alone", async () => {
    const turn = await talk("What else do they eat?");
    const skipped = await until("the decision", () => logged(turn).find((line) => line?.event === "review.skipped"));
    expect(skipped.reason).toBe("not-due");
    expect(await reviews.get(turn.session, turn.turn, "")).toBeUndefined();
  });

  it("is run at once for /refine, whatever the gates say, with the person's focus", async () => {
    const { session, turn } = await talk("Thanks");
    const said = await refine({ conversation, session, turn }, " my taste in tables ", ports());
    expect(said).toContain("with that in mind");
    await until("the record", async () => (await reviews.get(session, turn, "once"))?.status === "done");
    expect(texts().at(-1)).toBe("Self-improvement review: nothing to save.");
    const asked = agent.model.requests.findLast(isReview)?.messages.at(-1);
    expect(asked).toMatchObject({ text: expect.stringContaining("my taste in tables") });
  });

  it("is run for each /refine, although nothing was said between two of them", async () => {
    const asks = () => agent.model.requests.filter(isReview).length;
    const before = asks();
    for (const [index, focus] of ["tables", "tone"].entries()) {
      await talk(`/refine ${focus}`);
      await until("the review", () => asks() === before + index + 1);
    }
    expect(JSON.stringify(agent.model.requests.findLast(isReview)?.messages.at(-1))).toContain("tone");
  });

  it("of a session that was resumed sees what was said in the one before, also when nothing was said since", async () => {
    const { session: earlier } = await talk("The lighthouse at Porto has 92 steps");
    const { session } = await talk("/new", `/resume ${earlier}`);
    await talk("/refine");
    await until("the notice", () => texts().at(-1) === "Self-improvement review: nothing to save.");
    const reviewed = () => JSON.stringify(agent.model.requests.findLast(isReview)?.messages);
    expect(reviewed()).toContain("92 steps");
    expect(session).not.toBe(earlier);
    // Resumed once more, it continues both.
    const { session: third } = await talk("/new", `/resume ${session}`);
    expect((await agent.store.sessions.get(third))?.continues).toMatchObject({ session, before: [earlier] });

    review = saving;
    await talk("No, it has 96 steps");
    await until("the notice", () => texts().at(-1) === "Self-improvement review: notes about you updated");
    expect(reviewed()).toContain("92 steps");
  });

  it("that does not exist is said to the caller as something that may pass", async () => {
    const settings = { ...readEnvironment().settings, TALARIA_REVIEW_FUNCTION: "talaria-nothing" };
    const start = invokeLater(settings, resourceEnvironment.reviewFunction);
    await expect(start({ conversation, session: "s", turn: 1 })).rejects.toMatchObject({ code: "function.start" });
  });
});

describe("/learn", () => {
  it("becomes a message that names the source and how to write the skill", () => {
    const prompt = learnPrompt(" https://example.org/guide ");
    expect(prompt).toContain("this source: https://example.org/guide");
    expect(prompt).toContain("skill_manage");
    expect(learnPrompt("")).toContain("what we did in this conversation");
  });
});
