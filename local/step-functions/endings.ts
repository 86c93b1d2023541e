/** What happens once an execution has ended: it is written down, told, and put away. */
import type { Ending, Execution } from "./execution.ts";
import type { Journals } from "./journal.ts";
import { threads } from "./progress.ts";
import type { Store } from "./store.ts";
import type { Tokens } from "./tokens.ts";

/** A change of an execution's status, as EventBridge would report it. */
export interface StatusChange {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: Ending["status"];
  /** Milliseconds since 1970, both. */
  startDateMs: number;
  stopDateMs: number;
  /** JSON text, like the output. */
  input: string;
  output?: string | undefined;
  error?: string | undefined;
  cause?: string | undefined;
}

/**
 * Told of every ended execution, at least once: again after a crash that came before it resolved. What it throws is
 * ignored.
 */
export type OnStatusChange = (change: StatusChange) => void | Promise<void>;

export interface Endings {
  /** Resolves when the ending is on disk and in the store; the listener may not have heard of it yet. */
  finish(execution: Execution, ending: Ending): Promise<void>;
  /** Whoever has not been told by now is told at the next start. */
  close(): void;
}

/** Histories of this many ended executions are kept. */
const keptHistories = 500;
/** They are removed in groups, so that the checkpoint before a removal is rare. */
const removalGroup = 100;

interface EndingParts {
  journals: Journals;
  store: Store;
  tokens: Tokens;
  onStatusChange: OnStatusChange;
}

export function createEndings({ journals, store, tokens, onStatusChange }: EndingParts): Endings {
  const archived = journals.archived();
  let closed = false;

  /** The journal leaves the folder of running ones only after the listener knows: else it is told at the next start. */
  async function tellAndArchive(execution: Execution, ending: Ending): Promise<void> {
    try {
      await onStatusChange(statusChange(execution, ending));
    } catch {
      // The listener's failure is its own: the execution has ended either way.
    }
    if (closed) return;
    try {
      journals.archive(execution.journal);
      archived.push(execution.journal);
      removeOldHistories();
    } catch {
      // A full disk: the next start tells the listener again and tidies up.
    }
  }

  function removeOldHistories(): void {
    if (archived.length < keptHistories + removalGroup) return;
    store.checkpoint();
    for (const id of archived.splice(0, removalGroup)) journals.remove(id);
  }

  return {
    finish: async (execution, ending) => {
      if (!execution.ending) execution.write(endEvent(execution, ending), { kind: "end", ending });
      execution.controller.abort();
      for (const { node } of threads(execution.progress)) if (node.token) tokens.close(node.token.token);
      await journals.sync();
      store.endExecution(execution.start.arn, ending);
      void tellAndArchive(execution, ending);
    },
    close: () => {
      closed = true;
    },
  };
}

const statusChange = ({ start }: Execution, ending: Ending): StatusChange => ({
  executionArn: start.arn,
  stateMachineArn: start.machineArn,
  name: start.name,
  status: ending.status,
  startDateMs: start.startedAtMs,
  stopDateMs: ending.stoppedAtMs,
  input: start.input,
  output: ending.output,
  error: ending.error,
  cause: ending.cause,
});

function endEvent(execution: Execution, ending: Ending) {
  const { output, error, cause } = ending;
  const previous = execution.eventCount;
  switch (ending.status) {
    case "SUCCEEDED":
      return execution.event("ExecutionSucceeded", previous, { executionSucceededEventDetails: { output } });
    case "FAILED":
      return execution.event("ExecutionFailed", previous, { executionFailedEventDetails: { error, cause } });
    case "TIMED_OUT":
      return execution.event("ExecutionTimedOut", previous, { executionTimedOutEventDetails: { error, cause } });
    case "ABORTED":
      return execution.event("ExecutionAborted", previous, { executionAbortedEventDetails: { error, cause } });
  }
}
