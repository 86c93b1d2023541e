import { messageOf, retryable } from "../../core/base/errors.ts";
import type { TurnInput } from "../../core/turn/machine.ts";
import type { StartTurn, WakeTurn } from "../../core/turn/ports.ts";
import type { ExecutionState } from "../../core/turn/sweep.ts";

/** One call of Step Functions, in the words of its API reference; errors as in core/store/dynamodb-call.ts. */
export type CallStepFunctions = (
  operation: "StartExecution" | "DescribeExecution" | "SendTaskSuccess" | "SendTaskHeartbeat",
  input: Record<string, string>,
) => Promise<{ status?: string | undefined; error?: string | undefined; cause?: string | undefined }>;

export interface Executions {
  start: StartTurn;
  wake: WakeTurn;
  /** Says that a wait is looked after, so that its machine waits on. */
  beat: WakeTurn;
  state(turn: Pick<TurnInput, "session" | "turn">): Promise<ExecutionState>;
}

/** An execution's name is its session and turn, so starting a turn twice is starting it once. */
const nameOf = ({ session, turn }: Pick<TurnInput, "session" | "turn">) => `${session}-${turn}`;

const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;

/** Of a token that was answered, or whose wait has ended: nobody waits for it any more. */
const isOver = (error: unknown) =>
  ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"].some((name) => isNamed(error, name));

export function openExecutions(stateMachineArn: string, call: CallStepFunctions): Executions {
  async function start({ conversation, session, turn }: TurnInput): Promise<void> {
    const input: TurnInput = { conversation, session, turn };
    try {
      await call("StartExecution", { stateMachineArn, name: nameOf(input), input: JSON.stringify(input) });
    } catch (error) {
      if (isNamed(error, "ExecutionAlreadyExists")) return;
      throw retryable(`The turn could not be started: ${messageOf(error)}`, { cause: error, code: "turn.start" });
    }
  }

  async function state(turn: Pick<TurnInput, "session" | "turn">): Promise<ExecutionState> {
    const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${nameOf(turn)}`;
    try {
      const { status, error, cause } = await call("DescribeExecution", { executionArn });
      if (status === "RUNNING" || status === "PENDING_REDRIVE") return { status: "running" };
      if (status === "SUCCEEDED") return { status: "succeeded" };
      return { status: "failed", ...(error && { error }), ...(cause && { cause }) };
    } catch (error) {
      if (isNamed(error, "ExecutionDoesNotExist")) return { status: "unknown" };
      throw retryable(`The turn's state is not known: ${messageOf(error)}`, { cause: error, code: "turn.state" });
    }
  }

  async function wake(taskToken: string): Promise<void> {
    try {
      await call("SendTaskSuccess", { taskToken, output: "{}" });
    } catch (error) {
      if (isOver(error)) return;
      throw retryable(`The turn could not be woken: ${messageOf(error)}`, { cause: error, code: "turn.wake" });
    }
  }

  async function beat(taskToken: string): Promise<void> {
    try {
      await call("SendTaskHeartbeat", { taskToken });
    } catch (error) {
      if (isOver(error)) return;
      throw retryable(`The turn got no heartbeat: ${messageOf(error)}`, { cause: error, code: "turn.beat" });
    }
  }

  return { start, wake, beat, state };
}
