import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../../base/clock.ts";
import { isKind, refused, retryable, type TalariaError } from "../../base/errors.ts";
import { parseJson } from "../../base/json.ts";
import type { RunOptions, RunResult } from "../shell.ts";
import {
  frame,
  maxPartBytes,
  maxScriptBytes,
  pollMs,
  unframe,
  type Hello,
  type HelloRequest,
  type SaveRequest,
  type ScriptHeader,
} from "./protocol.ts";

export interface AgentRequest {
  method: "GET" | "PUT" | "POST" | "DELETE";
  path: string;
  body?: Uint8Array;
}

export interface AgentAnswer {
  status: number;
  body: Uint8Array;
}

/**
 * Carries one exchange to an agent. Must throw `unreachable` when no answer came, whatever the reason: the exchange is
 * then repeated, which does no harm.
 */
export type Exchange = (request: AgentRequest) => Promise<AgentAnswer>;

export const unreachable = (reason: string, cause?: unknown): TalariaError =>
  retryable(`The workspace's machine does not answer: ${reason}`, { cause, code: "shell.unreachable" });

const hasCode = (error: unknown, code: string) => isKind(error, "retryable") && error.code === code;
export const isUnreachable = (error: unknown) => hasCode(error, "shell.unreachable");
/** The agent takes no scripts (any more): nothing has been run. */
export const isClosed = (error: unknown) => hasCode(error, "shell.closed");

const helloSchema = z.object({
  state: z.enum(["ready", "closed"]),
  restored: z.object({ from: z.number(), savedAt: z.string() }).optional(),
  scripts: z.number(),
  savedAt: z.number().optional(),
});
const resultSchema = z.object({
  exitCode: z.number(),
  timedOut: z.boolean(),
  interrupted: z.boolean(),
  droppedBytes: z.number(),
  outputBytes: z.number(),
});

export interface AgentClient {
  /** Waits until the agent has restored the workspace. Throws `unreachable` when nobody answers. */
  hello(request: HelloRequest): Promise<Hello>;
  /** False when a script runs, so that nothing was saved. */
  save(request: SaveRequest): Promise<boolean>;
  run(script: string, options: RunOptions): Promise<RunResult>;
}

/** How often an exchange is repeated to which no answer came, a second apart. */
const maxMisses = 5;
/** A restore or a save of some gigabytes; after that something is wrong. */
const maxTransferMs = 15 * 60_000;
/** How much longer than its own time-out a script may need to say that it has ended. */
const graceMs = 60_000;

const json = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));
const textOf = ({ body }: AgentAnswer): string => Buffer.from(body).toString("utf8").slice(0, 500);
const interrupted: RunResult = { output: "", droppedBytes: 0, exitCode: 130, timedOut: false, interrupted: true };

export function openAgent(exchange: Exchange, clock: Clock): AgentClient {
  async function patient(request: AgentRequest, signal?: AbortSignal): Promise<AgentAnswer> {
    for (let misses = 1; ; misses += 1)
      try {
        return await exchange(request);
      } catch (error) {
        if (!isUnreachable(error) || misses >= maxMisses) throw error;
        await clock.sleep(1_000, signal);
      }
  }

  /** Repeats a request for as long as the answer is that it goes on (202). */
  async function untilDone(path: string, body: object): Promise<AgentAnswer> {
    const until = clock.now() + maxTransferMs;
    for (;;) {
      const answer = await exchange({ method: "POST", path: `${path}?waitMs=${pollMs}`, body: json(body) });
      if (answer.status !== 202) return answer;
      if (clock.now() > until) throw retryable("The workspace's files take too long to move.", { code: "shell.slow" });
    }
  }

  async function hello(request: HelloRequest): Promise<Hello> {
    return helloOf(await untilDone("/hello", request));
  }

  async function save(request: SaveRequest): Promise<boolean> {
    const answer = await untilDone("/save", request);
    if (answer.status === 409) return false;
    helloOf(answer);
    return true;
  }

  async function run(script: string, options: RunOptions): Promise<RunResult> {
    const { signal } = options;
    if (signal?.aborted) return interrupted;
    const path = `/scripts/${randomUUID()}`;
    const cancel = async () => patient({ method: "DELETE", path });
    const stopped = whenAborted(signal);
    try {
      const finished = await Promise.race([start(path, script, options), stopped.promise]);
      return await withOutput(path, finished ?? (await cancel()));
    } finally {
      stopped.forget();
    }
  }

  async function start(path: string, script: string, options: RunOptions): Promise<AgentAnswer> {
    const whole = envelope(script, options);
    const parts = Math.max(1, Math.ceil(whole.length / maxPartBytes));
    let answer: AgentAnswer | undefined;
    for (let part = 0; part < parts && !options.signal?.aborted; part += 1) {
      const body = whole.subarray(part * maxPartBytes, (part + 1) * maxPartBytes);
      const query = `part=${part}&parts=${parts}&waitMs=${part === parts - 1 ? pollMs : 0}`;
      answer = await patient({ method: "PUT", path: `${path}?${query}`, body }, options.signal);
    }
    const until = clock.now() + options.timeoutMs + graceMs;
    while (answer?.status === 202 && !options.signal?.aborted && clock.now() < until)
      answer = await patient({ method: "GET", path: `${path}?waitMs=${pollMs}` }, options.signal);
    return answer ?? { status: 202, body: Buffer.alloc(0) };
  }

  async function withOutput(path: string, first: AgentAnswer): Promise<RunResult> {
    let { header, body } = resultOf(first);
    const pages = [body];
    for (let length = body.length; length < header.outputBytes; length += body.length) {
      ({ header, body } = resultOf(await patient({ method: "GET", path: `${path}?from=${length}` })));
      if (body.length === 0) throw lost("its output is not there any more");
      pages.push(body);
    }
    const { exitCode, timedOut, interrupted, droppedBytes } = header;
    return { output: Buffer.concat(pages).toString("utf8"), droppedBytes, exitCode, timedOut, interrupted };
  }

  return { hello, save, run };
}

const lost = (reason: string) =>
  retryable(`The workspace's machine was lost while it ran a command, so nobody knows what that did: ${reason}.`, {
    code: "shell.lost",
  });

function envelope(script: string, { timeoutMs, outlives = false, stdin = "" }: RunOptions): Uint8Array {
  const text = Buffer.from(script);
  const header: ScriptHeader = { timeoutMs, outlives, scriptBytes: text.length };
  const whole = frame(header, text, stdin);
  if (whole.length <= maxScriptBytes) return whole;
  throw refused(`A command and its input may have ${maxScriptBytes / 1e6} MB together.`, { code: "shell.too-large" });
}

function helloOf(answer: AgentAnswer): Hello {
  if (answer.status !== 200) throw failure(answer);
  const { restored, savedAt, ...hello } = helloSchema.parse(parseJson(textOf(answer)));
  return { ...hello, ...(restored && { restored }), ...(savedAt !== undefined && { savedAt }) };
}

function resultOf(answer: AgentAnswer) {
  if (answer.status === 404) throw lost("the machine that answers has not heard of it");
  if (answer.status !== 200) throw failure(answer);
  const { header, body } = unframe(answer.body);
  return { header: resultSchema.parse(header), body };
}

function failure(answer: AgentAnswer): TalariaError {
  if (answer.status === 423) return retryable("The workspace is being put to sleep.", { code: "shell.closed" });
  return retryable(`The workspace's machine answered ${answer.status}: ${textOf(answer)}`, { code: "shell.failed" });
}

/** Resolves with `undefined` when the signal aborts. */
function whenAborted(signal: AbortSignal | undefined) {
  let onAbort: (() => void) | undefined;
  const promise = new Promise<undefined>((resolve) => {
    onAbort = () => resolve(undefined);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
  return { promise, forget: () => onAbort && signal?.removeEventListener("abort", onAbort) };
}
