/** Starts, drives, ends and resumes executions. */
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../core/base/clock.ts";
import type { Machine } from "./definition.ts";
import type { Endings } from "./endings.ts";
import { Cancelled, toAslError } from "./errors.ts";
import { Execution, type Ending, type JournalRecord, type StartRecord } from "./execution.ts";
import { journalId, type Journals } from "./journal.ts";
import { threads } from "./progress.ts";
import type { Store } from "./store.ts";
import { sleepUntil } from "./timing.ts";
import { parseDefinition } from "./validate.ts";
import type { Services, Thread } from "./visit.ts";

export interface EngineParts {
  journals: Journals;
  store: Store;
  services: Services;
  endings: Endings;
}

interface Running {
  execution: Execution;
  /** Resolves when the ending is on disk and in the store; the listener may not have heard of it yet. */
  ended: Promise<void>;
  stop(ending: Omit<Ending, "stoppedAtMs">): void;
}

/** After the disk took nothing; people who free some space look whether it helped. */
const diskRetryMs = 1_000;

/** Turns of the event loop in which whoever started an execution gets its answer, and may answer in turn. */
const turnsForOthers = 8;

/** As in AWS, the first state begins a moment after the start was answered: both would share this thread. */
async function letOthersGoFirst(): Promise<void> {
  for (let turn = 0; turn < turnsForOthers; turn += 1) await setImmediate();
}

export class Engine {
  readonly parts: EngineParts;
  readonly #running = new Map<string, Running>();
  readonly #machines = new Map<string, Machine>();
  readonly #closing = new AbortController();

  constructor(parts: EngineParts) {
    this.parts = parts;
  }

  get clock(): Clock {
    return this.parts.services.clock;
  }

  /** Begins an execution; resolves when its start is on disk. The name must be free. */
  async begin(start: StartRecord): Promise<void> {
    const execution = this.#build(start);
    const started = execution.event("ExecutionStarted", 0, {
      executionStartedEventDetails: { input: start.input, roleArn: start.roleArn },
    });
    execution.write(start, started);
    this.#addToStore(execution);
    this.#launch(execution, false);
    await execution.sync();
  }

  /** An execution that is not in the store could be started twice, so its start is taken back when it gets no row. */
  #addToStore({ start, journal }: Execution): void {
    try {
      this.parts.store.addExecution(start);
    } catch (error) {
      this.parts.journals.clear(journal);
      throw error;
    }
  }

  /** Ends a running execution from outside; resolves when that is on disk. */
  async stop(arn: string, ending: Omit<Ending, "stoppedAtMs">): Promise<void> {
    const running = this.#running.get(arn);
    if (this.#closing.signal.aborted) return;
    running?.stop(ending);
    await running?.ended;
  }

  /** Resolves when an execution has ended; at once when it is not running. */
  async ended(arn: string): Promise<void> {
    await this.#running.get(arn)?.ended;
  }

  /** Takes up every execution that the last process left; resolves with how many go on. */
  resume(): number {
    const { journals, store } = this.parts;
    let resumed = 0;
    for (const id of journals.running()) {
      const [first, ...rest] = journals.recover(id) as JournalRecord[];
      if (first?.kind !== "start" || journalId(first.arn) !== id) continue;
      store.addExecution(first);
      const execution = this.#build(first);
      execution.replay(rest);
      this.#openTokens(execution);
      if (!execution.ending) resumed += 1;
      this.#launch(execution, execution.progress.state !== "");
    }
    store.keepRunning((arn) => this.#running.has(arn));
    return resumed;
  }

  /** Stops everything where it is; a later `resume` goes on from there. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.parts.endings.close();
    const running = [...this.#running.values()];
    for (const { execution } of running) execution.controller.abort();
    await Promise.allSettled(running.map(({ ended }) => ended));
  }

  #build(start: StartRecord): Execution {
    const machine = this.#machines.get(start.definition) ?? parseDefinition(start.definition);
    this.#machines.set(start.definition, machine);
    return new Execution(start, machine, { journals: this.parts.journals, clock: this.clock });
  }

  /**
   * Before any thread runs: an answer may come as soon as the server listens. The time we were down counts for no
   * heartbeat. Nothing is opened unless all can be written: until then whoever answers is told to try again.
   */
  #openTokens(execution: Execution): void {
    if (execution.ending) return;
    const waiting = [...threads(execution.progress)].flatMap(({ path, node }) =>
      node.token ? [{ path, progress: node.token }] : [],
    );
    for (const { path } of waiting) execution.write({ kind: "beat", path, atMs: this.clock.now() });
    const { tokens } = this.parts.services;
    for (const { path, progress } of waiting) {
      tokens.close(progress.token);
      tokens.open({ execution, path, progress });
    }
  }

  #launch(execution: Execution, resumed: boolean): void {
    let stop: Running["stop"] = () => {};
    const stopped = new Promise<Ending>((resolve) => {
      stop = (ending) => resolve({ ...ending, stoppedAtMs: this.clock.now() });
    });
    const running: Running = { execution, ended: Promise.resolve(), stop };
    this.#running.set(execution.start.arn, running);
    running.ended = this.#drive(running, resumed, stopped);
  }

  /** To its end. Where the disk takes nothing, what follows is what follows a crash: it is taken up from its journal. */
  async #drive(running: Running, resumed: boolean, stopped: Promise<Ending>): Promise<void> {
    await this.#attempt(running.execution, resumed, stopped);
    while (running.execution.unwritten && !this.#closing.signal.aborted) {
      await this.clock.sleep(diskRetryMs, this.#closing.signal);
      if (!this.#closing.signal.aborted) await this.#takeUp(running, stopped);
    }
    this.#running.delete(running.execution.start.arn);
  }

  async #attempt(execution: Execution, resumed: boolean, stopped: Promise<Ending>): Promise<void> {
    try {
      const ending = execution.ending ?? (await Promise.race([stopped, this.#outcome(execution, resumed)]));
      if (ending && !this.#closing.signal.aborted) await this.parts.endings.finish(execution, ending);
    } catch (error) {
      execution.stall(error);
    } finally {
      execution.controller.abort();
    }
  }

  async #takeUp(running: Running, stopped: Promise<Ending>): Promise<void> {
    const { start, journal } = running.execution;
    const [, ...rest] = this.parts.journals.recover(journal) as JournalRecord[];
    const execution = this.#build(start);
    execution.replay(rest);
    running.execution = execution;
    try {
      this.#openTokens(execution);
    } catch (error) {
      return void execution.stall(error);
    }
    await this.#attempt(execution, execution.progress.state !== "", stopped);
  }

  /** How the execution ends by itself; undefined when the engine closes first. */
  async #outcome(execution: Execution, resumed: boolean): Promise<Ending | undefined> {
    const timeoutSeconds = execution.machine.TimeoutSeconds;
    if (timeoutSeconds === undefined) return this.#run(execution, resumed);
    const dueMs = execution.start.startedAtMs + timeoutSeconds * 1000;
    if (this.clock.now() >= dueMs) return this.#timedOut();
    return Promise.race([this.#run(execution, resumed), this.#timeOut(execution, dueMs)]);
  }

  async #timeOut(execution: Execution, dueMs: number): Promise<Ending | undefined> {
    const { signal } = execution.controller;
    await sleepUntil(this.clock, dueMs, signal);
    return signal.aborted ? undefined : this.#timedOut();
  }

  #timedOut(): Ending {
    return { status: "TIMED_OUT", error: "States.Timeout", stoppedAtMs: this.clock.now() };
  }

  async #run(execution: Execution, resumed: boolean): Promise<Ending | undefined> {
    const thread: Thread = {
      execution,
      services: this.parts.services,
      path: [],
      signal: execution.controller.signal,
      scope: {},
      lastEventId: execution.eventCount,
    };
    const begin = resumed ? undefined : { input: execution.input, variables: {} };
    if (!resumed) await letOthersGoFirst();
    try {
      const output = await this.parts.services.runFlow(thread, execution.machine, begin);
      return { status: "SUCCEEDED", output: JSON.stringify(output), stoppedAtMs: this.clock.now() };
    } catch (error) {
      if (error instanceof Cancelled) return undefined;
      const failure = toAslError(error);
      return {
        status: "FAILED",
        ...(failure.error !== "" && { error: failure.error }),
        ...(failure.detail !== "" && { cause: failure.detail }),
        stoppedAtMs: this.clock.now(),
      };
    }
  }
}
