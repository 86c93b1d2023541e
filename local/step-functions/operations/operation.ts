import type { Clock } from "../../../core/base/clock.ts";
import type { Engine } from "../engine.ts";
import { ServiceException } from "../errors.ts";
import type { Journals } from "../journal.ts";
import type { Store } from "../store.ts";
import type { Tokens } from "../tokens.ts";

/** What the operations of the API work on. */
export interface OperationContext {
  engine: Engine;
  store: Store;
  journals: Journals;
  tokens: Tokens;
  clock: Clock;
  arn(kind: "stateMachine" | "execution", name: string): string;
  /** Throws InvalidName. */
  checkName(name: string): void;
}

/** Source: API reference, CreateStateMachine and StartExecution, "name". */
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

export function checkName(name: string): void {
  if (name.length < 1 || name.length > 80 || forbidden.test(name))
    throw new ServiceException("InvalidName", `Invalid Name: '${name}'`);
}
