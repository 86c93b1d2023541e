import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeSessions, findSession, type Asker } from "../../../core/search/commands.ts";
import {
  fresh,
  freshOwner,
  freshSession,
  noon,
  startSearchBench,
  type Owner,
  type SearchBench,
  type SessionOf,
} from "./search-bench.ts";

let bench: SearchBench;
beforeAll(async () => {
  bench = await startSearchBench();
});
afterAll(() => bench.close());

const direct = (profile = "main") => `${profile}:telegram::direct:1::`;
const hour = 3_600_000;

/** Sessions of one owner, an hour apart; all but the last are indexed. */
async function history(
  owner: Owner,
  first: readonly string[],
  conversation = direct(owner.profile),
): Promise<SessionOf[]> {
  const machine = bench.machine();
  const sessions = first.map(() => ({ ...freshSession(owner), conversation }));
  for (const [at, session] of sessions.entries()) {
    await bench.say(session, 1, { user: first[at] ?? "", assistant: "yes", at: noon + at * hour });
    if (at < sessions.length - 1) await machine.index(session.id, 1);
  }
  return sessions;
}

function asking(owner: Owner, id: string, conversation = direct(owner.profile)) {
  const asker: Asker = { owner: owner.owner, conversation, id };
  const sources = { sessions: bench.store.sessions, search: bench.machine().search(owner, id) };
  return {
    sessions: (words = "") => describeSessions(words, asker, sources),
    resume: (words: string) => findSession(words, asker, sources),
  };
}

describe("/sessions", () => {
  it("lists recent sessions with titles, dates and ids, those that are not indexed yet too", async () => {
    const owner = freshOwner();
    const [tax, news, current] = await history(owner, ["My *tax* return", "The news_letter", "Now"]);
    const { sessions } = asking(owner, "ses_other");
    expect(await sessions()).toBe(
      [
        "Recent sessions:",
        "",
        `- The news\\_letter\n  2026-11-22, 1 turn, \`${news?.id}\``,
        `- My \\*tax\\* return\n  2026-11-22, 1 turn, \`${tax?.id}\``,
        `- (begun just now)\n  2026-11-22, 0 turns, \`${current?.id}\``,
        "",
        "Go on with one of them: `/resume` and its id, or words of it.",
      ].join("\n"),
    );
    expect(await asking(owner, current!.id).sessions()).not.toContain(current?.id);
  });

  it("lists those in which words occur", async () => {
    const owner = freshOwner();
    const [tax, news, current] = await history(owner, ["My tax return", "The newsletter", "Now"]);
    const { sessions } = asking(owner, current!.id);
    expect(await sessions("tax")).toContain(`\`${tax?.id}\``);
    expect(await sessions("tax")).not.toContain(news?.id);
    expect(await sessions("zeppelin")).toBe("No earlier session has these words.");
    expect(await asking(freshOwner(), "ses_x").sessions()).toBe("There is no earlier session.");
  });
});

describe("/resume", () => {
  it("finds a session by its id or by its words", async () => {
    const owner = freshOwner();
    const [tax, news, current] = await history(owner, ["My tax return", "The newsletter on tax", "Now"]);
    const { resume } = asking(owner, current!.id);
    expect(await resume(` \`${tax?.id}\` `)).toBe(tax?.id);
    expect(await resume("newsletter")).toBe(news?.id);
    expect(await resume("my tax")).toBe(tax?.id);
    expect(await resume("zeppelin")).toBeUndefined();
    expect(await resume("")).toBeUndefined();
    expect(await resume(current!.id)).toBeUndefined();
  });

  it("knows no session of another person, of another profile, or of a group when asked in private", async () => {
    const owner = freshOwner();
    const other = freshOwner();
    const abroad = { ...owner, profile: "other" };
    const group = { ...owner, owner: `main:telegram::group:${fresh("chat")}::7` };
    const [foreign] = await history(other, ["An orchid", "x"]);
    const [elsewhere] = await history(abroad, ["An orchid", "x"]);
    const [grouped] = await history(group, ["An orchid", "x"], group.owner);
    await history(owner, ["Nothing of it", "x"]);
    const { resume, sessions } = asking(owner, "ses_now");
    for (const session of [foreign, elsewhere, grouped]) expect(await resume(session!.id)).toBeUndefined();
    expect(await resume("orchid")).toBeUndefined();
    expect(await sessions("orchid")).toBe("No earlier session has these words.");
    expect(await sessions()).not.toContain("orchid");
    expect(await asking(group, "ses_now", group.owner).resume("orchid")).toBe(grouped?.id);
  });
});

describe("the sessions of an owner", () => {
  it("are listed newest first, within the profile and the limit", async () => {
    const owner = freshOwner();
    const sessions = [1, 2, 3].map((at) => ({ ...freshSession(owner), startedAt: noon + at }));
    for (const { id, startedAt } of sessions)
      await bench.store.sessions.create({
        id,
        startedAt,
        owner: owner.owner,
        conversation: direct(),
        firstTurn: 1,
        system: "",
        tools: [],
      });
    const listed = await bench.store.sessions.listOf({ owner: owner.owner, conversation: direct() }, 2);
    expect(listed.map(({ id }) => id)).toEqual([sessions[2]?.id, sessions[1]?.id]);
    expect(await bench.store.sessions.listOf({ owner: owner.owner, conversation: direct("other") }, 9)).toEqual([]);
  });
});
