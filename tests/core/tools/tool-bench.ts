/** A tool's surroundings for tests: a real workspace, notebooks in memory, and the check of the input that the step does. */
import { randomUUID } from "node:crypto";
import { systemClock } from "../../../core/base/clock.ts";
import type { Json } from "../../../core/base/json.ts";
import { type Author, textsOf, writtenNote } from "../../../core/memory/note.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import type { LocalRunner } from "../../../core/shells/local/runner.ts";
import type { SessionSearch } from "../../../core/search/search.ts";
import type { Workspace } from "../../../core/shells/shell.ts";
import type { SkillLibrary } from "../../../core/skills/skill.ts";
import type { Doorbells, Notebook, Tool, ToolContext } from "../../../core/tools/tool.ts";
import { backendOf, bubblewrapHere } from "../shells/runners.ts";

/** The shells on which the tools are tested: all that are safe here. */
export const toolRunners: LocalRunner[] = [await bubblewrapHere(), justBashRunner()].filter(
  (runner) => runner !== undefined,
);

/** An answer read without knowing its shape: a field that is not there is undefined. */
export type Answer = Record<string, Json | undefined>;

/** A field that must be text; anything else comes out as JSON, so that a comparison shows it. */
export const textOf = (value: Json | undefined): string =>
  typeof value === "string" ? value : `JSON ${JSON.stringify(value)}`;

export interface ToolBench {
  workspace: Workspace;
  context: ToolContext;
  call: (tool: Tool, input: object) => Promise<Answer>;
  shell: (script: string) => Promise<string>;
}

export async function newBench(runner: LocalRunner, changes: Partial<ToolContext> = {}): Promise<ToolBench> {
  const workspace = await (await backendOf(runner)).acquire("bench");
  const context = { ...contextOf(changes), workspace: async () => workspace };
  return {
    workspace,
    context,
    call: async (tool, input) => callTool(tool, input, context),
    shell: async (script) => (await workspace.run(script, { timeoutMs: 15_000 })).output,
  };
}

export const callTool = async (tool: Tool, input: object, context: ToolContext): Promise<Answer> =>
  (await tool.run(tool.input.parse(input), context)) as Answer;

export const contextOf = (changes: Partial<ToolContext> = {}): ToolContext => ({
  callId: "call/1",
  session: `ses_${randomUUID()}`,
  turn: "ses_1#1",
  signal: new AbortController().signal,
  clock: systemClock,
  patienceMs: 20_000,
  workspace: () => Promise.reject(new Error("this tool has no business in a workspace")),
  notebooks: { memory: notebookOf([]), user: notebookOf([]) },
  skills: noSkills,
  previousResult: () => undefined,
  doorbells: doorbellsOf([]),
  permissions: { of: async () => ({ verdict: "allow" }), allow: async () => {} },
  search: noSearch,
  show: async () => {},
  call: (tool) => Promise.reject(new Error(`this tool has no business with ${tool}`)),
  ...changes,
});

const noBusiness = () => Promise.reject(new Error("this tool has no business with skills"));
const noSkills: SkillLibrary = {
  list: noBusiness,
  find: noBusiness,
  readFile: noBusiness,
  commit: noBusiness,
  mark: noBusiness,
  count: noBusiness,
};

/** For tools that have no business with earlier sessions. */
const noSearch: SessionSearch = {
  find: async () => ({ hits: [], isLoose: false }),
  around: async () => undefined,
  read: async () => undefined,
  recent: async () => [],
};

/** A notebook in memory with real versions; \`lostRaces\` writes fail because somebody else was quicker. */
export function notebookOf(texts: string[], lostRaces = 0): Notebook & { readonly entries: string[]; version: number } {
  let races = lostRaces;
  const author: Author = { actor: "agent", session: "ses_bench" };
  let notes = texts.map((text) => writtenNote(text, author, 0));
  return {
    get entries() {
      return textsOf(notes);
    },
    version: 1,
    author,
    async read() {
      return { entries: [...notes], version: this.version };
    },
    async write(next, version) {
      if (races > 0) {
        races -= 1;
        this.version += 1;
        notes = [...notes, writtenNote(`from elsewhere ${races}`, author, 0)];
      }
      if (version !== this.version) return { status: "conflict" };
      notes = [...next];
      this.version += 1;
      return { status: "written", entry: `led_${this.version}` };
    },
  };
}

/** Doorbells that write down what happens to them; their address leads nowhere. */
export function doorbellsOf(log: string[]): Doorbells {
  return {
    create() {
      const id = `job_${randomUUID()}`;
      return { id, url: `http://127.0.0.1:1/shell/jobs/${id}` };
    },
    async open(id, rings) {
      log.push(`open ${id} ${rings}`);
    },
    async close(id) {
      log.push(`close ${id}`);
    },
  };
}
