import { stripVTControlCharacters } from "node:util";
import * as z from "zod";
import { parseJson, type Json } from "../../base/json.ts";
import { redact } from "../../guard/redact.ts";
import { floodBytes, type Workspace } from "../../shells/shell.ts";
import { windowOfParts } from "../terminal/window.ts";
import type { ToolContext } from "../tool.ts";
import { isCallable } from "./functions.ts";
import { type Ending, type ProgramEvent, programIn, spareChars } from "./program.ts";

export interface ProgramLimits {
  seconds: number;
  calls: number;
  outputBytes: number;
}

export interface ProgramRun {
  code: string;
  limits: ProgramLimits;
  context: ToolContext;
}

type Result = { [name: string]: Json };

/** Beyond its time a program is given this long to be ended by its supervisor. */
const graceMs = 20_000;
/** What a command is given that names no time-out. */
const terminalSeconds = 180;

/** Runs a Python program and answers its calls; the tool's result. Whatever goes wrong here, the program does not go on. */
export async function runProgram(workspace: Workspace, { code, limits, context }: ProgramRun): Promise<Result> {
  const { session, signal, clock } = context;
  const until = clock.now() + limits.seconds * 1000;
  const program = programIn(workspace, { session, signal, ...limits });
  const caller = callerOf(context, { until, maxCalls: limits.calls });
  try {
    let event = await program.start(code);
    while (isRunning(event) && clock.now() < until + graceMs) {
      if (event.kind !== "call") event = await program.wait();
      else event = await program.answer(event.id, await caller.answerTo(event.request));
    }
    const ending = event.kind === "ended" ? event.ending : await program.stop();
    const error = errorOf(event, ending, { isAborted: signal.aborted, seconds: limits.seconds });
    return { ...shown(ending, limits.outputBytes), tool_calls: caller.calls(), ...(error !== undefined && { error }) };
  } catch (error) {
    await program.stop();
    throw error;
  }
}

const isRunning = ({ kind }: ProgramEvent): boolean => kind === "call" || kind === "quiet";

function shown(ending: Ending | undefined, limitChars: number): Result {
  if (ending === undefined) return {};
  const { omitted, exitCode } = ending;
  const [head = "", tail = ""] = [ending.head, ending.tail].map((part) => redact(stripVTControlCharacters(part)));
  const parts = omitted === 0 ? { head, tail } : { head: head.slice(0, -spareChars), tail: tail.slice(spareChars) };
  return { output: windowOfParts({ ...parts, omitted }, limitChars).text, exit_code: exitCode };
}

/** Why the program did not come to its own end; `undefined` when it did. */
function errorOf(
  event: ProgramEvent,
  ending: Ending | undefined,
  { isAborted, seconds }: { isAborted: boolean; seconds: number },
): string | undefined {
  if (event.kind === "failed") return event.error;
  if (ending?.reason === "ended") return undefined;
  if (ending?.reason === "flooded") return floodError;
  if (isAborted) return "Interrupted: the program was stopped with everything it started.";
  return `Stopped after ${seconds} s with everything it started. Let one program do less.`;
}

const floodError = `The program was ended with everything it started, since it had written more than ${floodBytes / 1e9} GB of output. Write so much to a file, and print what you need of it.`;

const request = z.object({ tool: z.string(), input: z.record(z.string(), z.json()) });

/** Makes the calls of one program. Its module expects `result`, or `refused` for an exception. */
function callerOf(context: ToolContext, { until, maxCalls }: { until: number; maxCalls: number }) {
  let calls = 0;
  const answer = async (text: string): Promise<{ result: Json } | { refused: string }> => {
    const { data } = request.safeParse(parseJson(text));
    if (data === undefined || !isCallable(data.tool)) return { refused: "A program cannot call this." };
    if (calls >= maxCalls) return { refused: `A program may make ${maxCalls} calls, and this one has made them.` };
    calls += 1;
    const secondsLeft = Math.max(1, Math.ceil((until - context.clock.now()) / 1000));
    return { result: await context.call(data.tool, withinTime(data.tool, data.input, secondsLeft)) };
  };
  return { calls: () => calls, answerTo: async (text: string) => JSON.stringify(await answer(text)) };
}

/** A command may not take longer than its program. */
function withinTime(tool: string, given: Record<string, Json>, secondsLeft: number): Record<string, Json> {
  const { timeout = terminalSeconds } = given;
  if (tool !== "terminal" || typeof timeout !== "number" || timeout <= secondsLeft) return given;
  return { ...given, timeout: secondsLeft };
}
