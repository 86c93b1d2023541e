/** Acts on the machine of whoever acts: files, commands, processes, programs, checkpoints. Each also tries another's. */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { newId } from "../../core/base/ids.ts";
import { loadTurn } from "../../core/turn/load.ts";
import { workspaceId } from "../../core/turn/open-session.ts";
import type { TurnPorts } from "../../core/turn/ports.ts";
import { runCalls } from "../../core/turn/tool-run.ts";
import { type Act, type Asker, type Chance, sessionOf } from "./isolation-askers.ts";
import { triedTool } from "./isolation-coverage.ts";

/** What all workspaces lie in, on the machine that the test runs on. */
export interface Machines {
  ports: TurnPorts;
  folder: string;
  command(name: "rollback", args: string, asker: Asker): Promise<string>;
}

const nobody = new AbortController().signal;
let turns = 100;

/** A call of the model's in a new turn of the asker's session, with all that a turn hands to a tool. */
async function call(name: string, input: object, asker: Asker, ports: TurnPorts): Promise<string> {
  triedTool(name, input);
  turns += 1;
  const session = sessionOf(asker);
  const turn = await loadTurn({ conversation: asker.conversation, session, turn: turns }, "clm_test", ports);
  if (!turn.session) throw new Error("nobody acts on a machine before a first session");
  const calls = [{ id: newId("call"), name, arguments: JSON.stringify(input) }];
  const { results } = await runCalls(turn, turn.session, { calls, isCutOff: false, signal: nobody }, ports);
  return results.map(({ content }) => content).join("\n");
}

const folderOf = ({ profile, owner }: Asker, folder: string) => join(folder, workspaceId(profile, owner));

/** Ways to another's file: from beside it, and by where it really lies. */
const waysTo = (other: Asker, folder: string): string[] => [
  `../${workspaceId(other.profile, other.owner)}/notes.txt`,
  join(folderOf(other, folder), "notes.txt"),
];

/** What a person would miss of a workspace: our own books are not among it. */
export function filesOf(asker: Asker, folder: string): string {
  const home = folderOf(asker, folder);
  const names = globSync("**/*", { cwd: home }).filter((name) => !name.startsWith(".talaria"));
  const contents = names
    .toSorted()
    .filter((name) => statSync(join(home, name)).isFile())
    .map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(home, name)))
        .digest("hex"),
    ]);
  return existsSync(home) ? JSON.stringify(contents) : "";
}

const pryingScript = (other: Asker, folder: string) => {
  const ways = waysTo(other, folder).join(" ");
  return `cat notes.txt bread.md; ls -a .. / /tmp; cat ../*/notes.txt ${folder}/*/notes.txt ${ways}
cat /proc/*/cmdline | tr '\\0' ' '
for each in ${ways}; do echo changed > "$each"; rm -rf "$(dirname "$each")/.talaria"; done; true`;
};

const pryingProgram = (other: Asker, folder: string) => `
import glob
from talaria_tools import read_file, search_files
ways = ${JSON.stringify(waysTo(other, folder))} + glob.glob("../*/notes.txt") + glob.glob("/proc/*/cmdline")
for way in ["notes.txt", *ways]:
    try:
        print(way, open(way).read())
    except OSError as error:
        print(way, type(error).__name__)
for way in ways[:2]:
    try:
        open(way, "w").write("changed")
    except OSError as error:
        print(way, type(error).__name__)
print(read_file(path=ways[1]), search_files(pattern="mko", path="/workspace"))
`;

/** A process of the other's, or one that there never was. */
const jobOf = ({ other, number }: Chance): string =>
  [...other.jobs][number % Math.max(1, other.jobs.size)] ?? "job_none";

/** What may be done to a process; the last two end it. */
const meddling = ["poll", "log", "wait", "write", "submit", "close", "kill"];

/** Those of the asker's processes that did not go on, although nobody of theirs ended them; none goes on after this. */
export async function endJobs(asker: Asker, ports: TurnPorts): Promise<string[]> {
  const ended: string[] = [];
  for (const id of asker.jobs) {
    const look = await call("process", { action: "poll", session_id: id }, asker, ports);
    if (!look.includes('"status":"running"')) ended.push(`${id} of ${asker.own}: ${look}`);
    await call("process", { action: "kill", session_id: id }, asker, ports);
  }
  return ended;
}

/** What is started in the background is not watched for long: a look at its start is worth nothing here. */
const hasty = (ports: TurnPorts): TurnPorts => ({ ...ports, settings: { ...ports.settings, patienceMs: 50 } });

/** `writes`: the acts that may change the asker's own files. */
export function machineActs(machines: () => Machines): { acts: Record<string, Act>; writes: string[] } {
  const use = (name: string, input: object, asker: Asker) => call(name, input, asker, machines().ports);
  const rollback = (args: string, asker: Asker) => machines().command("rollback", args, asker);
  const wayTo = ({ other, number }: Chance) => waysTo(other, machines().folder)[number % 2] ?? "";

  const startJob: Act = async (asker) => {
    if (asker.jobs.size > 0) return use("process", { action: "list" }, asker);
    const started = await call(
      "terminal",
      { command: `echo ${asker.own}; cat`, background: true, timeout: 600 },
      asker,
      hasty(machines().ports),
    );
    const [id] = /job_[0-9A-Za-z]+/.exec(started) ?? [];
    if (id !== undefined && started.includes("running")) asker.jobs.add(id);
    return started;
  };
  const meddle: Act = async (asker, chance) => {
    const action = meddling[chance.number % meddling.length];
    const said = { ...(action === "submit" || action === "write" ? { data: "mk" } : {}), timeout: 1 };
    const id = jobOf(chance);
    const answer = await use("process", { action, session_id: id, ...said }, asker);
    if (action === "kill" || action === "close") asker.jobs.delete(id);
    return answer;
  };

  const acts: Record<string, Act> = {
    writeFile: (asker, { word, number }) =>
      use("write_file", { path: "notes.txt", content: `${word} ${number} ${asker.own}\n` }, asker),
    // Its name is in the list of checkpoints.
    writeOwn: (asker, { number }) => use("write_file", { path: `${asker.own}.txt`, content: `${number}\n` }, asker),
    patchFile: (asker, { word }) =>
      use("patch", { path: "notes.txt", old_string: asker.own, new_string: `${word} ${asker.own}` }, asker),
    // What it saves is read by the commands below.
    saveSkill: (asker, chance) => {
      const target = chance.number % 3 === 2 ? wayTo(chance) : "bread.md";
      return use("skill_view", { name: "baking-bread", save_to: target }, asker);
    },
    checkpoints: (asker) => rollback("", asker),
    checkpointDiff: (asker, { number }) => rollback(`diff ${(number % 3) + 1}`, asker),
    readFile: (asker) => use("read_file", { path: "notes.txt" }, asker),
    readFileOfOther: (asker, chance) => use("read_file", { path: wayTo(chance) }, asker),
    writeFileOfOther: (asker, chance) => use("write_file", { path: wayTo(chance), content: `${asker.own}\n` }, asker),
    searchFiles: (asker, { number }) =>
      use("search_files", { pattern: "mk[op]", path: [".", "..", machines().folder][number % 3] }, asker),
    terminal: (asker, { other }) => use("terminal", { command: pryingScript(other, machines().folder) }, asker),
    executeCode: (asker, { other }) => use("execute_code", { code: pryingProgram(other, machines().folder) }, asker),
    startJob,
    processes: (asker) => use("process", { action: "list" }, asker),
    meddle,
    rollBack: (asker, { number }) => rollback(String((number % 3) + 1), asker),
  };
  const writes = [
    "writeFile",
    "writeOwn",
    "saveSkill",
    "patchFile",
    "writeFileOfOther",
    "terminal",
    "executeCode",
    "rollBack",
  ];
  return { acts, writes };
}
