import { fatal, isKind, messageOf } from "../base/errors.ts";
import { parseJson, type Json } from "../base/json.ts";
import { semaphore } from "../base/semaphore.ts";
import type { ToolCall, ToolMessage } from "../conversation/message.ts";
import { Waiting, type Tool, type ToolContext, type Wait, type Wake } from "../tools/tool.ts";
import * as z from "zod";

export interface ToolRun {
  calls: readonly ToolCall[];
  tools: readonly Tool[];
  contextOf(call: ToolCall): ToolContext;
  /** The answer was cut off by the output limit: its last call may be half a call, so none is run. */
  isCutOff?: boolean;
  /** What earlier invocations of the same step came to. */
  before?: ToolProgress;
  /** Why a waiting call is looked at now; `undefined` leaves it waiting. */
  wakeOf?(callId: string): Wake | undefined;
  /** Calls that have not begun are not begun any more: the person said stop, or something else. */
  beginsNone?: boolean;
}

/** Calls that have a result, and calls that wait, in call order; what is in neither has not begun. */
export interface ToolProgress {
  results: readonly ToolMessage[];
  waits: readonly ToolWait[];
}

export interface ToolWait {
  callId: string;
  wait: Wait;
  /** How often in a row looking at it failed. */
  failures: number;
}

/** Looking at a waiting call is tried again this often, this far apart: its machine may be away for a while. */
const maxFailures = 20;
const failureGapMs = 30_000;

/** Calls of one answer that run side by side at most (as in Hermes Agent). */
const maxParallel = 8;

/** A call that may run, or the reason why it may not. */
type Checked = { call: ToolCall; tool: Tool; input: unknown } | { call: ToolCall; problem: string };

/** `Read-File` is `read_file`: models mistake the case and the dashes of a name more often than the name. */
const folded = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

function check(call: ToolCall, { tools, isCutOff }: Pick<ToolRun, "tools" | "isCutOff">): Checked {
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

const onlyReads = ({ tool, input }: Extract<Checked, { tool: Tool }>): boolean =>
  (tool.effectOf?.(input) ?? tool.effect) === "read";

/** Two calls keep their order unless both only read, or both say what they touch and share nothing. */
function mustWait(later: Checked, earlier: Checked): boolean {
  if ("problem" in later || "problem" in earlier) return false;
  if (onlyReads(later) && onlyReads(earlier)) return false;
  const touched = later.tool.touches?.(later.input);
  const touchedBefore = earlier.tool.touches?.(earlier.input);
  return !touched || !touchedBefore || touched.some((name) => touchedBefore.includes(name));
}

/** A call's result, the wait that it became, or `undefined` while a call before it waits. */
type Outcome = ToolMessage | ToolWait | undefined;

const isWait = (outcome: Outcome): outcome is ToolWait => outcome !== undefined && "wait" in outcome;
const isResult = (outcome: Outcome): outcome is ToolMessage => outcome !== undefined && !isWait(outcome);

const notRun =
  "Not run: the person said stop or something else, or no time was left. Send it again if it is still wanted.";

async function runOne({ call, tool, input }: Extract<Checked, { tool: Tool }>, run: ToolRun): Promise<Outcome> {
  const waited = run.before?.waits.find(({ callId }) => callId === call.id);
  if (waited) return lookAt(waited, { call, tool, input }, run);
  const context = run.contextOf(call);
  if (context.signal.aborted || run.beginsNone) return problemMessage(call, notRun);
  try {
    return outcomeOf(call, await tool.run(input, context));
  } catch (error) {
    return problemMessage(call, `The tool failed: ${messageOf(error)}`);
  }
}

const outcomeOf = (call: ToolCall, result: Json | Waiting): Outcome =>
  result instanceof Waiting
    ? { callId: call.id, wait: result.wait, failures: 0 }
    : toMessage(call, JSON.stringify(result));

/** A call that waits, when there is a reason to look at it. One that has to come to a result now does. */
async function lookAt(
  waited: ToolWait,
  { call, tool, input }: Extract<Checked, { tool: Tool }>,
  run: ToolRun,
): Promise<Outcome> {
  const wake = run.wakeOf?.(call.id);
  if (!wake) return waited;
  const isLast = wake.by === "message" || wake.by === "stop";
  const context = run.contextOf(call);
  try {
    const outcome = outcomeOf(call, await resume(tool, input, { state: waited.wait.state, wake }, context));
    return isWait(outcome) && isLast ? problemMessage(call, "Not finished, and not waited for any longer.") : outcome;
  } catch (error) {
    const isFinal = isKind(error, "refused") || isKind(error, "fatal");
    if (isLast || isFinal || waited.failures >= maxFailures)
      return problemMessage(call, `The tool failed: ${messageOf(error)}`);
    const until = context.clock.now() + failureGapMs;
    return { ...waited, wait: { ...waited.wait, until }, failures: waited.failures + 1 };
  }
}

function resume(tool: Tool, input: unknown, waited: { state: Json; wake: Wake }, context: ToolContext) {
  if (tool.resume) return tool.resume(input, waited, context);
  throw fatal(`The tool ${tool.name} waited and cannot go on.`, { code: "tool.resume" });
}

const keyOf = (call: ToolCall) => `${call.name} ${call.arguments}`;

/** Runs the calls of one answer; one result each, in call order. A failure is a result too: the model decides what to do. */
export async function runTools(run: ToolRun): Promise<ToolProgress> {
  const slots = semaphore(maxParallel);
  const started: { checked: Checked; outcome: Promise<Outcome> }[] = [];
  for (const call of run.calls) {
    const known = run.before?.results.find(({ callId }) => callId === call.id);
    const checked = check(call, run);
    const twin = started.find((earlier) => keyOf(earlier.checked.call) === keyOf(call));
    const before = started.filter((earlier) => mustWait(checked, earlier.checked)).map(({ outcome }) => outcome);
    if (known) started.push({ checked, outcome: Promise.resolve(known) });
    else if (twin) started.push({ checked: { call, problem: "repeated" }, outcome: twin.outcome.then(sameFor(call)) });
    else if ("problem" in checked)
      started.push({ checked, outcome: Promise.resolve(problemMessage(call, checked.problem)) });
    else started.push({ checked, outcome: inTurn(before, () => slots(() => runOne(checked, run))) });
  }
  const outcomes = await Promise.all(started.map(({ outcome }) => outcome));
  return {
    results: outcomes.filter(isResult),
    waits: outcomes.filter(isWait),
  };
}

/** A repeated call gets the result of the first; while that one waits, it has none. */
const sameFor =
  (call: ToolCall) =>
  (outcome: Outcome): Outcome =>
    isResult(outcome) ? toMessage(call, outcome.content) : undefined;

/** After the calls before it have come to a result; not at all while one of them waits. */
async function inTurn(before: readonly Promise<Outcome>[], job: () => Promise<Outcome>): Promise<Outcome> {
  const outcomes = await Promise.all(before);
  return outcomes.every(isResult) ? job() : undefined;
}

/** After a crash: reads run again, all else is reported as unknown (a promise of ARCHITECTURE.md). */
export function isRepeatable(call: ToolCall, tools: readonly Tool[]): boolean {
  const checked = check(call, { tools });
  return "tool" in checked && onlyReads(checked);
}
