import type { HistoryEventType } from "@aws-sdk/client-sfn";
import type { Clock } from "../../core/base/clock.ts";
import type { Json } from "../../core/base/json.ts";
import type { Machine } from "./definition.ts";
import { Cancelled, runtimeError } from "./errors.ts";
import { maxEvents, type EventDetails, type EventRecord } from "./history.ts";
import { journalId, type Journals } from "./journal.ts";
import { apply, emptyProgress, type Progress, type ProgressRecord } from "./progress.ts";

/** How an execution ended. */
export interface Ending {
  status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  stoppedAtMs: number;
  /** JSON text; only when it succeeded. */
  output?: string;
  error?: string;
  cause?: string;
}

/** First record of a journal. The definition is kept: an update of the machine does not touch what already runs. */
export interface StartRecord {
  kind: "start";
  arn: string;
  name: string;
  machineArn: string;
  machineName: string;
  roleArn: string;
  definition: string;
  /** JSON text, as the caller wrote it. */
  input: string;
  startedAtMs: number;
}

export interface EndRecord {
  kind: "end";
  ending: Ending;
}

export type JournalRecord = StartRecord | ProgressRecord | EventRecord | EndRecord;

/** One running execution: what is known of it, and the only way to write it down. */
export class Execution {
  readonly start: StartRecord;
  readonly machine: Machine;
  readonly input: Json;
  readonly journal: string;
  readonly progress: Progress = emptyProgress();
  readonly controller = new AbortController();
  eventCount = 0;
  ending: Ending | undefined;
  /** Why something about it could not be written. It goes no further here: another one is made from the journal later. */
  unwritten: Error | undefined;
  readonly #journals: Journals;
  readonly #clock: Clock;

  constructor(start: StartRecord, machine: Machine, services: { journals: Journals; clock: Clock }) {
    this.start = start;
    this.machine = machine;
    this.input = JSON.parse(start.input) as Json;
    this.journal = journalId(start.arn);
    this.#journals = services.journals;
    this.#clock = services.clock;
  }

  /** Takes in what a journal holds, after a restart. */
  replay(records: readonly JournalRecord[]): void {
    for (const record of records) {
      if (record.kind === "event") this.eventCount = record.id;
      else if (record.kind === "end") this.ending = record.ending;
      else if (record.kind !== "start") apply(this.progress, record);
    }
  }

  /**
   * Changes the progress and writes it down; on disk after `sync`. Throws Cancelled once the execution is over, and what
   * the disk says when it takes nothing, which ends all that this object does.
   */
  write(...records: JournalRecord[]): void {
    if (this.unwritten) throw this.unwritten;
    if (this.controller.signal.aborted) throw new Cancelled();
    try {
      this.#journals.append(this.journal, records);
    } catch (error) {
      throw this.stall(error);
    }
    for (const record of records) {
      if (record.kind === "end") this.ending = record.ending;
      else if (record.kind !== "event" && record.kind !== "start") apply(this.progress, record);
    }
  }

  /** Leaves the execution where its journal is. */
  stall(error: unknown): Error {
    this.unwritten ??= error instanceof Error ? error : new Error(String(error));
    this.controller.abort();
    return this.unwritten;
  }

  sync(): Promise<void> {
    return this.#journals.sync();
  }

  /** The next event of the history, to be written; throws States.Runtime at the limit, which ends the execution. */
  event(type: HistoryEventType, previousId: number, details: EventDetails = {}): EventRecord {
    if (this.eventCount >= maxEvents && !type.startsWith("Execution"))
      throw runtimeError(`The execution reached the maximum number of history events (${maxEvents}).`);
    this.eventCount += 1;
    return { kind: "event", id: this.eventCount, previousId, type, atMs: this.#clock.now(), details };
  }
}
