/** A tool's surroundings for tests: a real workspace, notebooks in memory, and the check of the input that the step does. */
import { randomUUID } from "node:crypto";
import { systemClock } from "../../../core/base/clock.ts";
import type { Json } from "../../../core/base/json.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import type { LocalRunner } from "../../../core/shells/local/runner.ts";
import type { Workspace } from "../../../core/shells/shell.ts";
import type { Notebook, Tool, ToolContext } from "../../../core/tools/tool.ts";
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
  signal: new AbortController().signal,
  clock: systemClock,
  workspace: () => Promise.reject(new Error("this tool has no business in a workspace")),
  notebooks: { memory: notebookOf([]), user: notebookOf([]) },
  previousResult: () => undefined,
  ...changes,
});

/** A notebook in memory with real versions; \`lostRaces\` writes fail because somebody else was quicker. */
export function notebookOf(entries: string[], lostRaces = 0): Notebook & { entries: string[]; version: number } {
  let races = lostRaces;
  return {
    entries,
    version: 1,
    async read() {
      return { entries: [...this.entries], version: this.version };
    },
    async write(next, version) {
      if (races > 0) {
        races -= 1;
        this.version += 1;
        this.entries = [...this.entries, `from elsewhere ${races}`];
      }
      if (version !== this.version) return false;
      this.entries = next;
      this.version += 1;
      return true;
    },
  };
}
