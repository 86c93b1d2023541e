import type { StepOutput, TurnInput } from "../../core/turn/machine.ts";
import { runTurn } from "../../core/turn/run.ts";
import { composeTurn } from "../compose/turn.ts";
import { readEnvironment } from "../compose/environment.ts";

const ports = composeTurn(readEnvironment());

/** The Step state of the turn machine. */
export const handler = (input: TurnInput): Promise<StepOutput> =>
  runTurn({ conversation: input.conversation, session: input.session, turn: input.turn }, ports);
