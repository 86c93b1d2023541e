import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../core/base/ids.ts";
import type { Session } from "../../core/conversation/session.ts";
import type { CommandName } from "../../core/gateway/commands.ts";
import { loadTurn } from "../../core/turn/load.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openTable, type Table } from "../../core/store/table.ts";
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
import { bubblewrapHere } from "../core/shells/runners.ts";
import { type Act, type Asker, askerOf, type Chance, inboundOf, markPattern, sessionOf } from "./isolation-askers.ts";
import { triedMessage, triedTool, untried } from "./isolation-coverage.ts";
import { curatorActs, proposalsOf } from "./isolation-curator.ts";
import { endJobs, filesOf, machineActs } from "./isolation-machines.ts";
import { startTurnServices, turnActs, type TurnServices } from "./isolation-turns.ts";

let cloud: Cloud;
let folder: string;
let ports: TurnPorts;
let review: ReturnType<typeof composeReview>;
let services: TurnServices;
let machines: string;
/** Lets persons in by name: strangers have nothing to do with the curator. */
let listed: TurnPorts;
let table: Table;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "talaria-isolation-"));
  // The index of search is kept below: not with those of other processes.
  process.env["TMPDIR"] = folder;
  services = await startTurnServices();
  cloud = await startCloud({ manifest, dataFolder: folder, mode: "in-process", port: 0, environment: {} });
  // Anybody may come: then even the agent's own notebook is one for each person.
  machines = join(folder, "machines");
  const log = { TALARIA_LOG_FILE: join(folder, "talaria.log") };
  const own = { ...log, TALARIA_WORKSPACES: machines, TALARIA_SHELL: "local", TALARIA_APPROVALS: "off" };
  const environment = { ...process.env, ...cloud.awsEnvironment, ...own, TALARIA_ALLOWED_USERS: "*" };
  Object.assign(process.env, cloud.awsEnvironment);
  ports = composeTurn(readEnvironment(environment));
  const byName = readEnvironment({ ...environment, ...services.settings, TALARIA_ALLOWED_USERS: "telegram:1" });
  listed = composeTurn(byName);
  table = openTable(byName.table, dynamoDbSdk());
  review = composeReview(byName);
});
afterAll(async () => {
  await Promise.all([cloud.close(), services.close()]);
  rmSync(folder, { recursive: true, force: true });
});

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

async function useTool(tool: Tool, input: object, asker: Asker): Promise<string> {
  triedTool(tool.name, input);
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
  const message = inboundOf(asker, `/${name} ${args}`);
  triedMessage(message.text);
  await ports.store.inbox.add(conversation, message);
  const answer = await answerTo(name, message, turn, ports);
  await ports.store.inbox.consume(conversation, [message.key], `${sessionOf(asker)}#9`);
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
  await review.index({ conversation, session: session.id, turn: 1 });
  return "";
}

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

const curating = curatorActs(() => ({ listed, table }));
const turning = turnActs(() => ({ services, ports: listed, review }));
/** Processes, programs and checkpoints need more than a simulated shell. */
const hasMachines = (await bubblewrapHere()) !== undefined;
const working = hasMachines ? machineActs(() => ({ ports, folder: machines, command })) : { acts: {}, writes: [] };

const quick: Readonly<Record<string, Act>> = {
  ...curating.acts,
  ...turning.acts,
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
  skillsMark: (asker, { number, word }) =>
    command(
      "skills",
      `${["pin", "unpin", "archive", "restore", "adopt"][number % 5]} ${skillOf(number)} ${word}`,
      asker,
    ),
  skillsImport: (asker, { word }) => curating.answer("skills", `import https://127.0.0.1/${word}`, asker),
  skillsUndo: (asker, { number }) =>
    curating.answer("skills", number % 2 === 0 ? "undo" : `export ${skillOf(number)}`, asker),
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

const acts: Readonly<Record<string, Act>> = { ...quick, ...working.acts };

async function notesOf({ profile, owner }: Asker): Promise<string> {
  const books = ports.notebooks({ profile, owner, session: "ses_test", turn: 1 });
  return JSON.stringify([await books.memory.read(), await books.user.read()]);
}

/** What changes the notebooks of whoever acts; all else must leave everybody's as they are. */
const writing = new Set(
  ["remember", "rememberMore", "replace", "remove", "memoryEdit", "memoryForget", "memoryUndo"].concat(
    curating.writes,
    turning.writes,
  ),
);
/** What changes the files of whoever acts. */
const filing = new Set(working.writes);
/** Whose proposals may be decided: everybody's own acts with the curator alone decide them. */
const deciders = new Set<Asker>();

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
  if (foreign.length > 0)
    leaks.push(
      `${name} by ${asker.own} of ${asker.profile}: ${foreign.join(" ").slice(0, 200)} in ${answer.slice(0, 2_000)}`,
    );
  const strangers = listing.has(name) ? (answer.match(sessionPattern) ?? []).filter((id) => !asker.known.has(id)) : [];
  if (strangers.length > 0) leaks.push(`${name} by ${asker.own}: ${strangers.join(" ")}`);
  if (marks.length > 0) shownOwn.set(name, (shownOwn.get(name) ?? 0) + 1);
  if (writing.has(name)) asker.notes = await notesOf(asker);
  if (filing.has(name)) asker.files = filesOf(asker, machines);
  if (curating.writes.includes(name)) deciders.add(asker);
}

/** No act has more ways: each number up to it is another one. */
const mostWays = 8;

/** All at the same time: what they share is written by many at once. */
const everybody = (each: (asker: Asker, at: number) => Promise<void>) => Promise.all(askers.map(each));

/** Those who have a machine: some of a profile, of them one in another profile too, and two groups. */
const tenants = [...askers.slice(0, 6), ...askers.slice(50, 52), ...askers.slice(-6, -4)];

const actBy = (names: Readonly<Record<string, Act>>, whom: readonly Asker[]) =>
  fc.record({
    name: fc.constantFrom(...Object.keys(names)),
    asker: fc.constantFrom(...whom),
    other: fc.constantFrom(...whom),
    word: fc.constantFrom(...words),
    number: fc.nat({ max: 60 }),
  });
/** A machine takes its time, and what is quick is more. */
const actOf = hasMachines
  ? fc.oneof({ weight: 14, arbitrary: actBy(quick, askers) }, { weight: 1, arbitrary: actBy(working.acts, tenants) })
  : actBy(quick, askers);

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
    for (let number = 0; number < mostWays; number += 1) {
      const others = number === 0 ? Object.keys(working.acts) : hasMachines ? ["startJob", "meddle"] : [];
      for (const name of [...Object.keys(quick), ...others]) await perform(name, first!, chance(first!, number));
    }
    await everybody(async (asker, at) => {
      for (const name of ["talk", "remember", "create"]) await perform(name, asker, chance(asker, at));
      await perform("rememberMore", asker, chance(asker, at + 1));
    });
    const belongings = ["propose", ...(hasMachines ? ["writeFile", "startJob"] : [])];
    const neighbour = (at: number, by: number) => tenants[(at + by) % tenants.length] ?? first!;
    await Promise.all(
      tenants.map(async (asker, at) => {
        for (const name of belongings)
          await perform(name, asker, { other: neighbour(at, 1), word: "amber", number: 0 });
      }),
    );
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
    // And by everybody who has a machine at somebody else's.
    await Promise.all(
      tenants.map(async (asker, at) => {
        const ways = hasMachines ? [at % 2 === 0 ? "terminal" : "executeCode", "meddle"] : [];
        for (const name of ways) await perform(name, asker, { ...chance(asker, at), other: neighbour(at, 3) });
      }),
    );
    expect(leaks).toEqual([]);
    for (const asker of tenants) expect(filesOf(asker, machines)).toBe(asker.files);
    expect((await Promise.all(tenants.map((asker) => endJobs(asker, ports)))).flat()).toEqual([]);
    for (const asker of askers.filter((each) => !deciders.has(each)))
      expect((await proposalsOf(asker, table)).filter(({ status }) => status !== "open")).toEqual([]);
    for (const asker of askers) expect(await notesOf(asker)).toBe(asker.notes);
    for (const { own, notes } of askers)
      expect((notes.match(markPattern) ?? []).filter((mark) => mark !== own)).toEqual([]);
    const usages = {
      memory: await command("memory", "what?", first!),
      skills: await command("skills", "what?", first!),
      curator: await curating.answer("curator", "what?", first!),
    };
    const machineTools = "execute_code patch process read_file search_files terminal write_file /rollback"
      .split(" ")
      .concat("skill_view save_to");
    expect(untried(usages, hasMachines ? [] : machineTools)).toEqual([]);
    const silent = ["talk", "remember", "rememberMore", "replace", "remove", "create", "patch", "propose"].concat(
      // They answer with names, not with what is in anything.
      ["curatorOnSkills", "skillsMark", "command"],
    );
    // Of what is another's there is nothing to be shown.
    const refusing = ["readOther", "scrollOther", "resumeOther", "skillsUndo", "curator", "diffOfOther", "approveOther"]
      .concat([
        "rejectOther",
        "press",
        "decideAll",
        "undoOther",
        "writeFile",
        "writeOwn",
        "patchFile",
        "readFileOfOther",
      ])
      .concat(["writeFileOfOther", "rollBack", "meddle", "pressOther", "skillsImport", "saveSkill"]);
    const speaking = Object.keys(acts).filter((name) => ![...silent, ...refusing].includes(name));
    expect(speaking.filter((name) => !shownOwn.has(name))).toEqual([]);
  }, 240_000);
});
