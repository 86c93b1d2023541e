import { randomInt } from "node:crypto";
import { messageOf } from "../core/base/errors.ts";
import { abandonedMs, maxScriptBytes, unframe, type ScriptHeader } from "../core/shells/exec-agent/protocol.ts";
import { interrupted, runBash } from "../core/shells/local/process.ts";
import type { RunResult } from "../core/shells/shell.ts";
import { within } from "./within.ts";
import { endLeftovers, environmentOf, scriptCommand, type Account } from "./user.ts";

/** A script that somebody sent: being received, running, or ended. */
interface Script {
  parts: (Uint8Array | undefined)[];
  stop: AbortController;
  lastAsked: number;
  /** Set once it has started. */
  ending?: Promise<Ended>;
  ended?: Ended;
}

/** Its result, or why there is none. */
export type Ended = { result: RunResult } | { failure: string };

/** Results are kept for whoever has to ask again. */
const keptMs = 5 * 60_000;
const maxKept = 20;

const neverRan: Ended = { result: { output: "", droppedBytes: 0, ...interrupted } };

/** The scripts of one workspace, by the id that their caller chose. */
export class Scripts {
  readonly #account: Account;
  readonly #scripts = new Map<string, Script>();
  readonly #watch: NodeJS.Timeout;
  /** Not from 0: where agents share a machine (in tests), their scripts must not bear the same marks. */
  readonly #firstNumber = randomInt(1_000_000);
  #started = 0;

  constructor(account: Account) {
    this.#account = account;
    this.#watch = setInterval(() => this.#lookAround(), 5_000).unref();
  }

  get started(): number {
    return this.#started;
  }

  get isRunning(): boolean {
    return [...this.#scripts.values()].some(({ ending, ended }) => ending !== undefined && ended === undefined);
  }

  has(id: string): boolean {
    return this.#scripts.has(id);
  }

  /** Starts the script when this was the last part that was missing; a part that comes again changes nothing. */
  receive(id: string, part: Uint8Array, { index, count }: { index: number; count: number }): void {
    const script = this.#open(id);
    if (script.ending !== undefined || script.ended !== undefined) return;
    script.parts[index] = part;
    const parts = script.parts.filter((one) => one !== undefined);
    if (parts.reduce((sum, { length }) => sum + length, 0) > maxScriptBytes) return void this.#scripts.delete(id);
    if (parts.length === count) this.#start(script, Buffer.concat(parts));
  }

  /** How it ended, or `undefined` when it still goes on after `waitMs`. */
  async ended(id: string, waitMs: number): Promise<Ended | undefined> {
    const script = this.#open(id);
    if (script.ended === undefined && script.ending !== undefined && waitMs > 0) {
      await within(waitMs, script.ending);
    }
    script.lastAsked = Date.now();
    return script.ended;
  }

  /** Ends it. One that has not come yet will not start. */
  async stop(id: string): Promise<Ended> {
    const script = this.#open(id);
    script.stop.abort();
    if (script.ending === undefined) script.ended ??= neverRan;
    return script.ended ?? (await script.ending) ?? neverRan;
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    await Promise.all([...this.#scripts.keys()].map((id) => this.stop(id)));
  }

  #open(id: string): Script {
    const found = this.#scripts.get(id);
    const script = found ?? { parts: [], stop: new AbortController(), lastAsked: Date.now() };
    script.lastAsked = Date.now();
    if (!found) this.#scripts.set(id, script);
    return script;
  }

  #start(script: Script, whole: Buffer): void {
    this.#started += 1;
    script.parts = [];
    script.ending = this.#run(this.#firstNumber + this.#started, whole, script.stop.signal).then(
      (ended) => (script.ended = ended),
    );
  }

  async #run(number: number, whole: Buffer, signal: AbortSignal): Promise<Ended> {
    try {
      const { header, body } = unframe(whole);
      const { timeoutMs, outlives, scriptBytes } = header as ScriptHeader;
      const text = body.toString("utf8", 0, scriptBytes);
      const account = this.#account;
      const bash = { command: scriptCommand(account, number), cwd: account.home, env: environmentOf(account) };
      const options = { timeoutMs, outlives, stdin: body.subarray(scriptBytes), signal };
      const result = await runBash({ ...bash, uid: account.uid }, text, options);
      const isStopped = result.timedOut || result.interrupted;
      if (!outlives || isStopped) await endLeftovers(account, number);
      return { result };
    } catch (error) {
      return { failure: messageOf(error) };
    }
  }

  /** Ends what nobody asks for, forgets what is old; under pressure, what is less old. */
  #lookAround(): void {
    for (const [id, { lastAsked, ending, ended, stop }] of this.#scripts) {
      const idleMs = Date.now() - lastAsked;
      const isRunning = ending !== undefined && ended === undefined;
      if (isRunning && idleMs > abandonedMs) stop.abort();
      const limitMs = this.#scripts.size > maxKept ? abandonedMs : keptMs;
      if (!isRunning && idleMs > limitMs) this.#scripts.delete(id);
    }
  }
}
