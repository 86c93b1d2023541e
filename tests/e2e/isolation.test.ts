import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../core/base/ids.ts";
import type { Inbound } from "../../core/conversation/inbound.ts";
import type { Session } from "../../core/conversation/session.ts";
import type { CommandName } from "../../core/gateway/commands.ts";
import { conversationKeyOf, ownerOf } from "../../core/gateway/conversation-key.ts";
import { loadTurn } from "../../core/turn/load.ts";
import { answerTo } from "../../core/turn/answer-command.ts";
import type { TurnPorts } from "../../core/turn/ports.ts";
import { memory } from "../../core/tools/memory.ts";
import { sessionSearch } from "../../core/tools/session-search.ts";
import { skillManage } from "../../core/tools/skill-manage.ts";
import { skillView } from "../../core/tools/skill-view.ts";
import { skillsList } from "../../core/tools/skills-list.ts";
import type { Tool } from "../../core/tools/tool.ts";
import { readEnvironment } from "../../functions/compose/environment.ts";
import { composeReview } from "../../functions/compose/review.ts";
import { composeTurn } from "../../functions/compose/turn.ts";
import { startCloud, type Cloud } from "../../local/cloud/index.ts";
import { manifest } from "../../stacks/manifest.ts";
import { stepOf } from "../core/search/search-bench.ts";
import { skillText } from "../core/skills/skill-bench.ts";
import { callTool, contextOf } from "../core/tools/tool-bench.ts";

/**
 * Every text that is written carries the mark of whom it belongs to: a person, or the profile whose skills all its persons
 * share. What any tool or command answers may hold the asker's marks alone.
 */
const markPattern = /mk[a-z0-9]+x/g;

interface Asker {
  profile: string;
  message: Pick<Inbound, "place" | "sender">;
  conversation: string;
  owner: string;
  /** `mk…x`; of what is the asker's alone, and of what the profile shares. */
  own: string;
  shared: string;
  sessions: string[];
  /** With those that go on with an earlier one. */
  known: Set<string>;
  /** What the asker's notebooks held after the last act of the asker. */
  notes: string;
}

let cloud: Cloud;
let folder: string;
let ports: TurnPorts;
let index: ReturnType<typeof composeReview>["index"];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "talaria-isolation-"));
  // The index of search is kept below: not with those of other processes.
  process.env["TMPDIR"] = folder;
  cloud = await startCloud({ manifest, dataFolder: folder, mode: "in-process", port: 0, environment: {} });
  // Anybody may come: then even the agent's own notebook is one for each person.
  const environment = { ...process.env, ...cloud.awsEnvironment, TALARIA_ALLOWED_USERS: "*" };
  Object.assign(process.env, cloud.awsEnvironment);
  ports = composeTurn(readEnvironment(environment));
  index = composeReview(readEnvironment(environment)).index;
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The last two are a group and one of its members, who writes there in a thread of everybody. */
function askerOf(profile: string, person: number, at: number, group?: string): Asker {
  const place = group
    ? { platform: "telegram", chat: group, thread: "1", kind: "group" as const }
    : { platform: "telegram", chat: String(person), kind: "direct" as const };
  const message = { place, sender: { id: String(person) } };
  const conversation = conversationKeyOf(profile, message);
  const owner = ownerOf(conversation, place, String(person));
  const shared = `mkp${Buffer.from(profile).toString("hex").replaceAll("x", "")}x`;
  return { profile, message, conversation, owner, own: `mko${at}x`, shared, sessions: [], known: new Set(), notes: "" };
}

/** Names that look alike and that hold the separators of keys. */
const profiles = ["main", "main2", "main:telegram", "main#1", "MAIN", "ma/in", "main%3A", "p~"].concat(
  Array.from({ length: 12 }, (_, at) => `p${at}`),
);
const askers: Asker[] = [
  ...Array.from({ length: 50 }, (_, at) => askerOf("main", at + 1, at)),
  // The same persons in the other profiles, and a group in each of which some of them are.
  ...profiles.slice(1).map((profile, at) => askerOf(profile, (at % 5) + 1, 50 + at)),
  ...profiles.slice(0, 6).map((profile, at) => askerOf(profile, at + 1, 80 + at, "-100")),
];

/** Words that everybody says, so that every query would find everybody. */
const words = ["amber", "birch", "cedar", "北京", "กรุงเทพ"];
const skillNames = ["baking-bread", "mending-bikes", "sorting-mail"];

const inboundOf = ({ message }: Asker, text: string): Inbound => ({
  ...message,
  key: newId("claim"),
  text,
  sentAt: Date.now(),
  order: "",
});

const sessionOf = (asker: Asker): string => asker.sessions.at(-1) ?? "ses_00000000000000000000000000";

async function useTool(tool: Tool, input: object, asker: Asker): Promise<string> {
  const { profile, owner } = asker;
  const learner = { profile, owner, session: sessionOf(asker), turn: 1 };
  const surroundings = {
    session: learner.session,
    notebooks: ports.notebooks(learner),
    // Where anybody may come, the page alone changes skills.
    skills: ports.skills({ ...learner, owner: "web::owner" }),
    search: ports.search(learner),
  };
  return JSON.stringify(await callTool(tool, input, contextOf(surroundings)));
}

async function command(name: CommandName, args: string, asker: Asker): Promise<string> {
  const { conversation } = asker;
  const turn = await loadTurn({ conversation, session: sessionOf(asker), turn: 9 }, "clm_test", ports);
  const answer = await answerTo(name, inboundOf(asker, `/${name} ${args}`), turn, ports);
  if (answer.nextSession === undefined) return answer.text;
  asker.known.add(answer.nextSession);
  return answer.text + (await historyOf(answer.nextSession, asker));
}

/** What the model would read in a session that goes on with another one. */
async function historyOf(session: string, asker: Asker): Promise<string> {
  const turn = await loadTurn({ conversation: asker.conversation, session, turn: 10 }, "clm_test", ports);
  expect(turn.session?.owner).toBe(asker.owner);
  return JSON.stringify(turn.earlier);
}

/** A delivered turn of a new session, made searchable as the review's function does it. */
async function talk(asker: Asker, said: string): Promise<string> {
  const { conversation, owner, own } = asker;
  const session: Session = {
    id: newId("session"),
    conversation,
    owner,
    startedAt: Date.now(),
    firstTurn: 1,
    system: own,
    tools: [],
  };
  await ports.store.sessions.create(session);
  asker.sessions.push(session.id);
  asker.known.add(session.id);
  const { results: _, ...step } = stepOf(1, 0, {
    at: Date.now(),
    user: `${said} ${own}`,
    assistant: `${words[0]} ${own}`,
  });
  const open = {
    ...step,
    begun: [],
    results: [],
    waits: [],
    parkedAt: null,
    status: "open" as const,
    claim: "clm_test",
  };
  await ports.store.steps.put(session.id, open);
  await ports.store.steps.close(session.id, open, { results: [], activeMs: 0 });
  await index({ conversation, session: session.id, turn: 1 });
  return "";
}

/** What an act is made of, besides who acts: somebody else, a few words, a number. */
interface Chance {
  other: Asker;
  word: string;
  number: number;
}
type Act = (asker: Asker, chance: Chance) => Promise<string>;

const skillOf = (number: number): string => skillNames[number % skillNames.length] ?? "";
const targetOf = (number: number) => (number % 2 === 0 ? "user" : "memory");
const create: Act = (asker, { number }) => {
  const content = skillText(skillOf(number), { description: `${skillOf(number)} ${asker.shared}`, body: asker.shared });
  return useTool(skillManage, { action: "create", name: skillOf(number), content, reason: asker.shared }, asker);
};
const patch: Act = async (asker, { number, word }) => {
  const change = { old_string: asker.shared, new_string: `${asker.shared} ${word}${number}`, replace_all: true };
  return useTool(skillManage, { action: "patch", name: skillOf(number), reason: asker.shared, ...change }, asker);
};
const remember: Act = (asker, { number, word }) => {
  const content = `Likes ${word}${number} ${asker.own}`;
  return useTool(memory, { target: targetOf(number), action: "add", content }, asker);
};
/** A query that fits marks of others without holding one whole, since an answer may quote it. */
const prying = ({ other, word, number }: Chance) => [word, other.own.slice(0, -1), "mko", ""][number % 4] ?? "";

const acts: Readonly<Record<string, Act>> = {
  talk: (asker, { word, number }) => talk(asker, `${word} ${number}`),
  remember,
  rememberMore: remember,
  replace: (asker, { word, number }) =>
    useTool(
      memory,
      { target: targetOf(number), action: "replace", old_text: "Likes", content: `Has ${word}${number} ${asker.own}` },
      asker,
    ),
  remove: (asker, { other, number }) =>
    useTool(memory, { target: targetOf(number), action: "remove", old_text: other.own.slice(0, -1) }, asker),
  memoryList: (asker) => command("memory", "", asker),
  memorySearch: (asker, chance) => command("memory", `search ${prying(chance) || "mk"}`, asker),
  memoryEdit: (asker, { number, word }) =>
    command("memory", `edit ${(number % 3) + 1} Edited ${word}${number} ${asker.own}`, asker),
  memoryForget: (asker, { number }) => command("memory", `forget ${(number % 3) + 1}`, asker),
  memoryUndo: (asker) => command("memory", "undo", asker),
  create,
  patch,
  skillsTool: (asker) => useTool(skillsList, {}, asker),
  viewSkill: (asker, { number }) => useTool(skillView, { name: skillOf(number) }, asker),
  skills: (asker, { number }) =>
    command(
      "skills",
      ["list", "log", `view ${skillOf(number)}`, "search bread mail", "archived"][number % 5] ?? "",
      asker,
    ),
  skillsUndo: (asker, { number }) => command("skills", number % 3 === 0 ? "undo" : `export ${skillOf(number)}`, asker),
  find: (asker, chance) =>
    useTool(sessionSearch, { query: `${prying(chance)}*`, limit: 10, detail: "full", window: 20 }, asker),
  browse: (asker) => useTool(sessionSearch, {}, asker),
  readOther: (asker, { other }) => useTool(sessionSearch, { session_id: sessionOf(other) }, asker),
  scrollOther: (asker, { other }) =>
    useTool(sessionSearch, { around_message_id: `${sessionOf(other)}#1#0#user`, window: 20 }, asker),
  sessions: (asker, chance) => command("sessions", prying(chance), asker),
  resumeOther: (asker, { other }) => command("resume", sessionOf(other), asker),
  resume: (asker, chance) => command("resume", prying(chance) || (asker.sessions[0] ?? ""), asker),
  journey: (asker) => command("journey", "100", asker),
};

async function notesOf({ profile, owner }: Asker): Promise<string> {
  const books = ports.notebooks({ profile, owner, session: "ses_test", turn: 1 });
  return JSON.stringify([await books.memory.read(), await books.user.read()]);
}

/** What changes the notebooks of whoever acts; all else must leave everybody's as they are. */
const writing = new Set("remember rememberMore replace remove memoryEdit memoryForget memoryUndo".split(" "));

/** What names sessions unasked: they must be the asker's. (A skill's provenance names the session that it was learnt in.) */
const listing = new Set(["browse", "find", "sessions", "resume"]);
const sessionPattern = /ses_[0-9A-Z]{26}/g;

/** Answers in which an owner's own mark stood, by act: an act that never shows anything proves nothing. */
const shownOwn = new Map<string, number>();
const leaks: string[] = [];

async function perform(name: string, asker: Asker, chance: Chance): Promise<void> {
  const answer = (await acts[name]?.(asker, chance)) ?? "";
  const mine = [asker.own, asker.shared];
  const marks = answer.match(markPattern) ?? [];
  const foreign = marks.filter((mark) => !mine.includes(mark));
  if (foreign.length > 0) leaks.push(`${name} by ${asker.own} of ${asker.profile}: ${foreign.join(" ")} in ${answer}`);
  const strangers = listing.has(name) ? (answer.match(sessionPattern) ?? []).filter((id) => !asker.known.has(id)) : [];
  if (strangers.length > 0) leaks.push(`${name} by ${asker.own}: ${strangers.join(" ")}`);
  if (marks.length > 0) shownOwn.set(name, (shownOwn.get(name) ?? 0) + 1);
  if (writing.has(name)) asker.notes = await notesOf(asker);
}

/** All at the same time: what they share is written by many at once. */
const everybody = (each: (asker: Asker, at: number) => Promise<void>) => Promise.all(askers.map(each));

const actOf = fc.record({
  name: fc.constantFrom(...Object.keys(acts)),
  asker: fc.constantFrom(...askers),
  other: fc.constantFrom(...askers),
  word: fc.constantFrom(...words),
  number: fc.nat({ max: 60 }),
});

describe("fifty persons in a profile, twenty profiles and the same persons in them", () => {
  it("never see, find or change what is another's, whatever they do", async () => {
    const chance = (asker: Asker, at: number): Chance => ({
      other: askers[(at + 7) % askers.length] ?? asker,
      word: words[at % words.length] ?? "",
      number: at,
    });
    // Everybody has something to lose, and somebody whose sessions and notes they may pry at.
    // One after the other at first: a composition that opens its disk removes what another is just writing there. And so
    // each act has shown what it shows, whatever chance brings later.
    const [first] = askers;
    for (let number = 0; number < 4; number += 1)
      for (const name of Object.keys(acts)) await perform(name, first!, chance(first!, number));
    await everybody(async (asker, at) => {
      for (const name of ["talk", "remember", "create"]) await perform(name, asker, chance(asker, at));
      await perform("rememberMore", asker, chance(asker, at + 1));
    });
    await fc.assert(
      fc.asyncProperty(fc.array(actOf, { minLength: 20, maxLength: 20 }), async (sequence) => {
        for (const { name, asker, ...by } of sequence) await perform(name, asker, by);
        expect(leaks).toEqual([]);
      }),
      { numRuns: 30, endOnFailure: true },
    );
    // Each of the ways of looking, by everybody at somebody else.
    await everybody(async (asker, at) => {
      for (const name of ["memoryList", "find", "readOther", "scrollOther", "sessions", "resumeOther", "journey"])
        await perform(name, asker, chance(asker, at));
    });
    expect(leaks).toEqual([]);
    for (const asker of askers) expect(await notesOf(asker)).toBe(asker.notes);
    for (const { own, notes } of askers)
      expect((notes.match(markPattern) ?? []).filter((mark) => mark !== own)).toEqual([]);
    const silent = ["talk", "remember", "rememberMore", "replace", "remove", "create", "patch"];
    // Of what is another's there is nothing to be shown.
    const refusing = ["readOther", "scrollOther", "resumeOther", "skillsUndo"];
    const speaking = Object.keys(acts).filter((name) => ![...silent, ...refusing].includes(name));
    expect(speaking.filter((name) => !shownOwn.has(name))).toEqual([]);
  }, 240_000);
});
