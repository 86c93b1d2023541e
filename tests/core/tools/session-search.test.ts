import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionSearch } from "../../../core/tools/session-search.ts";
import {
  fresh,
  freshSession,
  noon,
  startSearchBench,
  type Machine,
  type SearchBench,
  type SessionOf,
} from "../search/search-bench.ts";
import { callTool, contextOf, textOf, type Answer } from "./tool-bench.ts";

const owner = { profile: "main", owner: "telegram::7" };
const minute = 60_000;
let bench: SearchBench;
let machine: Machine;
let trip: SessionOf;
let garden: SessionOf;
let current: SessionOf;

beforeAll(async () => {
  bench = await startSearchBench();
  machine = bench.machine();
  [trip, garden, current] = [freshSession(owner), freshSession(owner), freshSession(owner)];
  for (let turn = 1; turn <= 12; turn += 1) {
    const about = turn === 6 ? "the lighthouse of Cordouan" : `stop number ${turn}`;
    const results = [{ role: "tool" as const, callId: "1", name: "web", content: `opening hours of stop${turn}` }];
    await bench.say(
      trip,
      turn,
      { user: `Tell me of ${about}`, results, at: noon + turn * minute },
      { assistant: `That is stop ${turn}.`, at: noon + turn * minute },
    );
    await machine.index(trip.id, turn);
  }
  await bench.say(garden, 1, {
    user: "A lighthouse for the garden",
    assistant: "Two metres high?",
    at: noon + 3600 * minute,
  });
  await bench.say(current, 1, {
    user: "What did I say of the lighthouse?",
    assistant: "One moment.",
    at: noon + 9999 * minute,
  });
  for (const { id } of [garden, current]) await machine.index(id, 1);
});
afterAll(() => bench.close());

const call = (input: object, of = owner) =>
  callTool(sessionSearch, input, contextOf({ session: current.id, search: machine.search(of, current.id) }));
const rows = (answer: Answer, field = "results") => answer[field] as Answer[];
const texts = (messages: unknown) => (messages as Answer[]).map(({ text }) => text);

describe("session_search", () => {
  it("finds sessions with the messages around the best hit, and how that session began and ended", async () => {
    const [best, second, ...more] = rows(await call({ query: "lighthouse Cordouan OR lighthouse" }));
    expect(more).toEqual([]);
    expect(best).toMatchObject({
      session_id: trip.id,
      title: "Tell me of stop number 1",
      turns: 12,
      message_id: `${trip.id}#6#0#user`,
    });
    expect(texts(best?.["first"])).toEqual(["Tell me of stop number 1", "That is stop 1.", "Tell me of stop number 2"]);
    expect(texts(best?.["messages"])).toHaveLength(11);
    expect(texts(best?.["messages"])[5]).toBe("Tell me of the lighthouse of Cordouan");
    expect(texts(best?.["last"])).toEqual(["That is stop 11.", "Tell me of stop number 12", "That is stop 12."]);
    expect(second).toMatchObject({ session_id: garden.id, excerpt: "A lighthouse for the garden" });
    expect(second).not.toHaveProperty("messages");
  });

  it("never finds the session that asks", async () => {
    expect(JSON.stringify(await call({ query: "lighthouse" }))).not.toContain(current.id);
    expect(JSON.stringify(await call({}))).not.toContain(current.id);
  });

  it("leaves out the sessions that this one continues, since it has their text already", async () => {
    const search = machine.search(owner, current.id, trip.id);
    const found = await callTool(sessionSearch, { query: "lighthouse" }, contextOf({ session: current.id, search }));
    expect(rows(found).map(({ session_id }) => session_id)).toEqual([garden.id]);
  });

  it("shows what is around every hit when asked for it in full", async () => {
    const found = rows(await call({ query: "lighthouse", detail: "full" }));
    expect(found.map((hit) => "messages" in hit)).toEqual([true, true]);
  });

  it("sorts by time when asked to, and keeps to the limit", async () => {
    const first = async (sort: string) =>
      rows(await call({ query: "lighthouse", sort, limit: 1 })).map((hit) => hit["session_id"]);
    expect(await first("newest")).toEqual([garden.id]);
    expect(await first("oldest")).toEqual([trip.id]);
  });

  it("reads what tools returned only when asked to", async () => {
    expect(await call({ query: "opening hours stop3" })).toMatchObject({
      results: [],
      note: expect.stringContaining("Nothing"),
    });
    const [hit] = rows(await call({ query: "opening hours stop3", role_filter: ["tool"] }));
    expect(hit).toMatchObject({ message_id: `${trip.id}#3#0#tool`, role: "tool" });
  });

  it("falls back to some of the words, and says so", async () => {
    expect(await call({ query: "lighthouse keeper wages" })).toMatchObject({
      note: expect.stringContaining("some of them"),
    });
    expect(rows(await call({ query: "lighthouse NOT garden NOT Cordouan" }))).toEqual([]);
  });

  it("scrolls: the edge of one answer is the middle of the next", async () => {
    const page = await call({ around_message_id: `${trip.id}#6#0#user`, window: 2 });
    expect(page).toMatchObject({ before: 8, after: 11 });
    expect(texts(page["messages"])).toEqual([
      "Tell me of stop number 5",
      "That is stop 5.",
      "Tell me of the lighthouse of Cordouan",
      "That is stop 6.",
      "Tell me of stop number 7",
    ]);
    const edge = rows(page, "messages").at(-1)?.["id"];
    const next = await call({ around_message_id: edge, window: 2 });
    expect(rows(next, "messages")[2]?.["id"]).toBe(edge);
    const tool = await call({ around_message_id: `${trip.id}#3#0#tool`, window: 1 });
    expect(rows(tool, "messages").map(({ role }) => role)).toEqual(["user", "tool", "assistant"]);
  });

  it("reads a session whole, or its two ends", async () => {
    expect(texts((await call({ session_id: garden.id }))["messages"])).toEqual([
      "A lighthouse for the garden",
      "Two metres high?",
    ]);
    const long = freshSession(owner);
    const steps = Array.from({ length: 60 }, (_, at) => ({ assistant: `walnut${at} ${"w".repeat(3_000)}` }));
    await bench.say(long, 1, ...steps);
    await machine.index(long.id, 1);
    const answer = await call({ session_id: long.id });
    expect(answer).toMatchObject({ left_out: expect.stringContaining("20 messages") });
    expect([rows(answer, "messages").length, rows(answer, "last_messages").length]).toEqual([20, 20]);
    expect(textOf(texts(answer["last_messages"])[19])).toMatch(/^walnut59 w{1900,} \[…\]$/);
  });

  it("lists recent sessions, newest first", async () => {
    const sessions = rows(await call({ limit: 2 }), "sessions");
    expect(sessions.map((session) => session["session_id"])).toEqual([garden.id, trip.id]);
  });

  it("answers an id that is not the person's as one that does not exist", async () => {
    const stranger = { profile: "main", owner: `telegram::${fresh("stranger")}` };
    expect((await call({ session_id: trip.id }, stranger))["error"]).toContain("no session");
    expect((await call({ around_message_id: `${trip.id}#6#0#user` }, stranger))["error"]).toContain("no message");
    for (const id of ["", "x", "a#b#c#d", `${trip.id}#6#0#system`, `${trip.id}#999#0#user`])
      expect((await call({ around_message_id: id }))["error"]).toContain("no message");
    expect(await call({}, { profile: "other", owner: owner.owner })).toEqual({ sessions: [] });
  });
});
