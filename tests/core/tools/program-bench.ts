/** Programs that call the real tools in a real workspace, for the tests of execute_code. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, vi } from "vitest";
import type { Json } from "../../../core/base/json.ts";
import type { LocalRunner } from "../../../core/shells/local/runner.ts";
import { executeCode } from "../../../core/tools/execute-code.ts";
import { runProgram } from "../../../core/tools/execute-code/run-program.ts";
import { patch } from "../../../core/tools/patch.ts";
import { readFile } from "../../../core/tools/read-file.ts";
import { searchFiles } from "../../../core/tools/search-files.ts";
import { terminal } from "../../../core/tools/terminal.ts";
import type { ToolContext } from "../../../core/tools/tool.ts";
import { writeFile } from "../../../core/tools/write-file.ts";
import { bubblewrapHere } from "../shells/runners.ts";
import { callTool, newBench, type Answer } from "./tool-bench.ts";

/** What a program may call. */
export const tools = [patch, readFile, searchFiles, terminal, writeFile];

/** The sandbox of this machine, where it can run a program. */
export async function pythonHere(): Promise<LocalRunner[]> {
  const runner = await bubblewrapHere();
  if (runner === undefined) return [];
  const { workspace, shell } = await newBench(runner);
  const hasPython = workspace.keepsProcesses && (await shell("command -v python3")) !== "";
  if (!hasPython) console.log("skipped: execute_code needs a python3 in /usr and a sandbox that keeps processes");
  return hasPython ? [runner] : [];
}

/** A workspace in which programs call the real tools; `asked` are the calls, `call` can be put before them. */
export async function newProgramBench(runner: LocalRunner, changes: Partial<ToolContext> = {}) {
  const asked: [tool: string, input: Json][] = [];
  const bench = await newBench(runner, {
    async call(name, input) {
      asked.push([name, input as Json]);
      const tool = tools.find((tool) => tool.name === name);
      return tool ? ((await callTool(tool, input as object, bench.context)) as Json) : { error: `no tool ${name}` };
    },
    ...changes,
  });
  const limits = { seconds: 60, calls: 50, outputBytes: 50_000 };
  return {
    ...bench,
    asked,
    python: (code: string): Promise<Answer> => bench.call(executeCode, { code }),
    /** With limits that a test can reach. */
    limited: (code: string, less: Partial<typeof limits>): Promise<Answer> =>
      runProgram(bench.workspace, { code, limits: { ...limits, ...less }, context: bench.context }),
  };
}

/** Processes of this machine, those of sandboxes included, whose command line holds this text. */
function processesWith(text: string): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

export const untilSeen = (text: string) =>
  vi.waitFor(() => expect(processesWith(text)).not.toEqual([]), { timeout: 10_000 });
export const untilGone = (text: string) =>
  vi.waitFor(() => expect(processesWith(text)).toEqual([]), { timeout: 10_000 });

/** An unusual number of seconds: by it a sleeping process is found. */
export const newSleep = () => `${100_000 + Math.floor(Math.random() * 800_000)}.${Math.floor(Math.random() * 1e6)}`;

export const programFolders = "ls -A ~/.talaria/programs 2>/dev/null";
