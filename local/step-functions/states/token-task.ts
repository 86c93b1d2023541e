import type { Json } from "../../../core/base/json.ts";
import type { TaskState } from "../definition.ts";
import { AslError, runtimeError } from "../errors.ts";
import type { TokenProgress } from "../progress.ts";
import { openScope } from "../timing.ts";
import { newToken, waitForAnswer } from "../tokens.ts";
import { recordEvent, type Visit } from "../visit.ts";

interface TokenTask {
  timeoutMs: number;
  heartbeatMs: number | undefined;
  /** Makes the call that hands the token to whoever will answer it. */
  deliver(signal: AbortSignal): Promise<Json>;
}

/**
 * Hands the token out and waits for its answer. The answer may come before the call returns (the callee answers it
 * itself); a call that fails fails the Task. After a restart the token is the same, and it is handed out again only if
 * the call had not returned and nobody has answered.
 */
export async function runTokenTask(visit: Visit<TaskState>, task: TokenTask): Promise<Json> {
  const { thread } = visit;
  const progress = visit.progress.token ?? (await issueToken(visit, task));
  const open = thread.services.tokens.open({ execution: thread.execution, path: thread.path, progress });
  const scope = openScope(thread.signal);
  try {
    const answered = waitForAnswer(open, thread.services.clock, scope.signal);
    const isKnown = progress.delivered || progress.answer !== undefined;
    const delivered = isKnown ? answered : deliver(visit, progress, task.deliver(scope.signal));
    const answer = await Promise.race([answered, delivered.then(() => answered)]);
    if ("output" in answer) return answer.output;
    throw new AslError(answer.error, answer.cause);
  } finally {
    scope.release();
    // Of one that could not go on, whoever answers meanwhile is told to try again, not that it is over.
    if (thread.execution.unwritten === undefined) thread.services.tokens.close(progress.token);
  }
}

/** The token is on disk before anybody can hold it. */
async function issueToken(visit: Visit<TaskState>, task: TokenTask): Promise<TokenProgress> {
  const { execution, path, services } = visit.thread;
  const atMs = services.clock.now();
  const { heartbeatMs } = task;
  execution.write({ kind: "token", path, token: newToken(), deadlineMs: atMs + task.timeoutMs, heartbeatMs, atMs });
  await execution.sync();
  if (!visit.progress.token) throw runtimeError("The task token was not recorded.");
  return visit.progress.token;
}

async function deliver(visit: Visit<TaskState>, token: TokenProgress, call: Promise<Json>): Promise<void> {
  await call;
  const stillWaiting = visit.progress.token === token && !visit.thread.signal.aborted;
  if (!stillWaiting || token.answer) return;
  visit.thread.execution.write({ kind: "delivered", path: visit.thread.path });
  recordEvent(visit.thread, "TaskSubmitted", {
    taskSubmittedEventDetails: { resourceType: "task", resource: visit.state.Resource },
  });
}
