/**
 * Two kinds of error: what an execution meets while it runs (`AslError`: retried, caught, or the end of it), and what
 * a caller of the API is told (`ServiceException`). Source of the names and rules: Step Functions developer guide,
 * "Handling errors in Step Functions workflows", and the API reference.
 */
import { messageOf } from "../../core/base/errors.ts";

export class AslError extends Error {
  /** What `ErrorEquals` is compared with; empty when a Fail state names none. */
  readonly error: string;
  readonly detail: string;

  constructor(error: string, detail: string) {
    super(detail === "" ? error : `${error}: ${detail}`);
    this.name = "AslError";
    this.error = error;
    this.detail = detail;
  }
}

/** Thrown inside a thread whose execution or surrounding Map/Parallel has ended; nothing catches or records it. */
export class Cancelled extends Error {
  constructor() {
    super("cancelled");
    this.name = "Cancelled";
  }
}

export class ServiceException extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export const queryError = (detail: string): AslError => new AslError("States.QueryEvaluationError", detail);
export const runtimeError = (detail: string): AslError => new AslError("States.Runtime", detail);

/** A defect of the engine or of an integration still ends the state with a name that can be matched. */
export const toAslError = (error: unknown): AslError =>
  error instanceof AslError ? error : new AslError("States.TaskFailed", messageOf(error));

/** No wildcard stands for these; States.Runtime cannot even be matched by its own name. */
const beyondWildcards = new Set(["States.DataLimitExceeded", "States.Runtime"]);

/** Whether a retrier or catcher with this `ErrorEquals` answers for the error. */
export function matches(errorEquals: readonly string[], error: string): boolean {
  if (error === "States.Runtime") return false;
  return errorEquals.some((pattern) => matchesOne(pattern, error));
}

function matchesOne(pattern: string, error: string): boolean {
  if (pattern === error) return true;
  if (beyondWildcards.has(error)) return false;
  switch (pattern) {
    case "States.ALL":
      return true;
    case "States.TaskFailed":
      return error !== "States.Timeout";
    case "States.Timeout":
      return error === "States.HeartbeatTimeout";
    default:
      return false;
  }
}
