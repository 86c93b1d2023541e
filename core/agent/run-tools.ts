import { messageOf } from "../base/errors.ts";
import { parseJson, type Json } from "../base/json.ts";
import type { ToolCall, ToolMessage } from "../conversation/message.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import * as z from "zod";

export interface ToolRun {
  calls: readonly ToolCall[];
  tools: readonly Tool[];
  contextOf(call: ToolCall): ToolContext;
  /** The answer was cut off by the output limit: its last call may be half a call, so none is run. */
  isCutOff?: boolean;
}

/** Calls of one answer that run side by side at most (as in Hermes Agent). */
const maxParallel = 8;

/** A call that may run, or the reason why it may not. */
type Checked = { call: ToolCall; tool: Tool; input: unknown } | { call: ToolCall; problem: string };

/** `Read-File` is `read_file`: models mistake the case and the dashes of a name more often than the name. */
const folded = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

function check(call: ToolCall, { tools, isCutOff }: ToolRun): Checked {
  const tool =
    tools.find((tool) => tool.name === call.name) ?? tools.find((tool) => folded(tool.name) === folded(call.name));
  if (!tool) {
    const names = tools.map((tool) => tool.name).join(", ");
    return { call, problem: `There is no tool “${call.name}”. The tools are: ${names || "none"}.` };
  }
  if (isCutOff)
    return {
      call,
      problem:
        "Your answer hit the output limit before this call was complete, so it was not run. Send it again, shorter.",
    };
  const given = call.arguments.trim() === "" ? {} : parseJson(call.arguments);
  if (given === undefined)
    return { call, problem: "The arguments are not valid JSON. Send the call again with valid JSON." };
  const parsed = tool.input.safeParse(given);
  if (!parsed.success) return { call, problem: `The arguments do not fit: ${z.prettifyError(parsed.error)}` };
  return { call, tool, input: parsed.data };
}

const toMessage = (call: ToolCall, content: string): ToolMessage => ({
  role: "tool",
  callId: call.id,
  name: call.name,
  content,
});

const problemMessage = (call: ToolCall, problem: string) => toMessage(call, JSON.stringify({ error: problem }));

/** Two calls keep their order unless both only read, or both say what they touch and share nothing. */
function mustWait(later: Checked, earlier: Checked): boolean {
  if ("problem" in later || "problem" in earlier) return false;
  if (later.tool.effect === "read" && earlier.tool.effect === "read") return false;
  const touched = later.tool.touches?.(later.input);
  const touchedBefore = earlier.tool.touches?.(earlier.input);
  return !touched || !touchedBefore || touched.some((name) => touchedBefore.includes(name));
}

async function runOne({ call, tool, input }: Extract<Checked, { tool: Tool }>, run: ToolRun): Promise<ToolMessage> {
  const context = run.contextOf(call);
  if (context.signal.aborted)
    return problemMessage(
      call,
      "Not run: the person said stop, or no time was left. Send it again if it is still wanted.",
    );
  try {
    const result: Json = await tool.run(input, context);
    return toMessage(call, JSON.stringify(result));
  } catch (error) {
    return problemMessage(call, `The tool failed: ${messageOf(error)}`);
  }
}

const keyOf = (call: ToolCall) => `${call.name} ${call.arguments}`;

/** Runs the calls of one answer; one result each, in call order. A failure is a result too: the model decides what to do. */
export async function runTools(run: ToolRun): Promise<ToolMessage[]> {
  const slots = semaphore(maxParallel);
  const started: { checked: Checked; result: Promise<ToolMessage> }[] = [];
  for (const call of run.calls) {
    const twin = started.find(({ checked }) => keyOf(checked.call) === keyOf(call));
    if (twin) {
      const result = twin.result.then((message) => toMessage(call, message.content));
      started.push({ checked: { call, problem: "repeated" }, result });
      continue;
    }
    const checked = check(call, run);
    const before = started.filter((earlier) => mustWait(checked, earlier.checked)).map((earlier) => earlier.result);
    const result =
      "problem" in checked
        ? Promise.resolve(problemMessage(call, checked.problem))
        : Promise.all(before).then(() => slots(() => runOne(checked, run)));
    started.push({ checked, result });
  }
  return Promise.all(started.map(({ result }) => result));
}

/** At most `places` jobs at once; the others start in the order they came. */
function semaphore(places: number) {
  let free = places;
  const waiting: (() => void)[] = [];
  return async <Result>(job: () => Promise<Result>): Promise<Result> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

/** After a crash: reads run again, all else is reported as unknown (a promise of ARCHITECTURE.md). */
export const isRepeatable = (call: ToolCall, tools: readonly Tool[]): boolean =>
  tools.some((tool) => folded(tool.name) === folded(call.name) && tool.effect === "read");
