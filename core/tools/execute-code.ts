import * as z from "zod";
import { objectionAfter, objectionTo } from "./execute-code/permission.ts";
import { runProgram } from "./execute-code/run-program.ts";
import { defineTool } from "./tool.ts";

/** As in Hermes Agent. */
const limits = { seconds: 300, calls: 50, outputBytes: 50_000 };

const input = z.object({ code: z.string().min(1).describe("Python 3 script") });

export const executeCode = defineTool({
  name: "execute_code",
  toolset: "code",
  description:
    "Run a Python script on your machine that can call your file and shell tools: import them from talaria_tools; " +
    "same names and parameters, the result is a dict. Use it for many calls with logic between them: " +
    "only what it prints comes back. " +
    `Limits: ${limits.seconds} s, ${limits.calls} calls, ${limits.outputBytes / 1000} KB of output.`,
  input,
  effect: "outward",
  async run({ code }, context) {
    const workspace = await context.workspace();
    if (!workspace.keepsProcesses)
      return { error: "Nothing runs in the background on this machine, so it runs no programs that call tools." };
    const objection = await objectionTo(code, workspace, context);
    return objection ?? runProgram(workspace, { code, limits, context });
  },
  async resume({ code }, { state, wake }, context) {
    const objection = await objectionAfter(state, wake, context);
    return objection ?? runProgram(await context.workspace(), { code, limits, context });
  },
});
