import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { messageOf, retryable } from "../../core/base/errors.ts";
import type { TurnInput } from "../../core/turn/machine.ts";
import type { StartTurn } from "../../core/turn/ports.ts";
import type { ExecutionState } from "../../core/turn/sweep.ts";

export interface Executions {
  start: StartTurn;
  state(turn: Pick<TurnInput, "session" | "turn">): Promise<ExecutionState>;
}

/** An execution's name is its session and turn, so starting a turn twice is starting it once. */
const nameOf = ({ session, turn }: Pick<TurnInput, "session" | "turn">) => `${session}-${turn}`;

export function openExecutions(machineArn: string, client = new SFNClient()): Executions {
  async function start({ conversation, session, turn }: TurnInput): Promise<void> {
    const input: TurnInput = { conversation, session, turn };
    try {
      const name = nameOf(input);
      await client.send(new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }));
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return;
      throw retryable(`The turn could not be started: ${messageOf(error)}`, { cause: error, code: "turn.start" });
    }
  }

  async function state(turn: Pick<TurnInput, "session" | "turn">): Promise<ExecutionState> {
    const executionArn = `${machineArn.replace(":stateMachine:", ":execution:")}:${nameOf(turn)}`;
    try {
      const { status, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (status === "RUNNING" || status === "PENDING_REDRIVE") return { status: "running" };
      if (status === "SUCCEEDED") return { status: "succeeded" };
      return { status: "failed", ...(error && { error }), ...(cause && { cause }) };
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return { status: "unknown" };
      throw retryable(`The turn's state is not known: ${messageOf(error)}`, { cause: error, code: "turn.state" });
    }
  }

  return { start, state };
}
