/**
 * The Amazon States Language as this engine reads it: JSONata only.
 * Source: states-language.net/spec.html and the Step Functions developer guide, "Transforming data with JSONata".
 */
import type { Json } from "../../core/base/json.ts";

/** Any JSON in which a string written `{% … %}` is a JSONata expression. */
export type Template = Json;

/** A literal number, or an expression that yields one. */
export type NumberTemplate = number | string;

export interface Retrier {
  ErrorEquals: string[];
  /** Seconds before the first retry; 1 when absent. */
  IntervalSeconds?: number | undefined;
  /** 3 when absent; 0 means never. */
  MaxAttempts?: number | undefined;
  /** Each delay is this many times the one before; 2 when absent. */
  BackoffRate?: number | undefined;
  MaxDelaySeconds?: number | undefined;
  /** FULL draws every delay evenly between zero and what backoff says. */
  JitterStrategy?: "FULL" | "NONE" | undefined;
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  Output?: Template | undefined;
  Assign?: Assignments | undefined;
}

export type Assignments = Record<string, Template>;

interface CommonFields {
  Comment?: string | undefined;
  QueryLanguage?: "JSONata" | undefined;
  Output?: Template | undefined;
}

interface Transition {
  Next?: string | undefined;
  End?: boolean | undefined;
  Assign?: Assignments | undefined;
}

interface ErrorHandling {
  Retry?: Retrier[] | undefined;
  Catch?: Catcher[] | undefined;
}

export interface PassState extends CommonFields, Transition {
  Type: "Pass";
}

export interface SucceedState extends CommonFields {
  Type: "Succeed";
}

export interface FailState {
  Type: "Fail";
  Comment?: string | undefined;
  QueryLanguage?: "JSONata" | undefined;
  Error?: string | undefined;
  Cause?: string | undefined;
}

/** Has exactly one of Seconds and Timestamp. */
export interface WaitState extends CommonFields, Transition {
  Type: "Wait";
  Seconds?: NumberTemplate | undefined;
  Timestamp?: string | undefined;
}

export interface ChoiceRule {
  Condition: string | boolean;
  Next: string;
  Output?: Template | undefined;
  Assign?: Assignments | undefined;
  Comment?: string | undefined;
}

export interface ChoiceState extends CommonFields {
  Type: "Choice";
  Choices: ChoiceRule[];
  Default?: string | undefined;
  Assign?: Assignments | undefined;
}

export interface TaskState extends CommonFields, Transition, ErrorHandling {
  Type: "Task";
  Resource: string;
  Arguments?: Template | undefined;
  TimeoutSeconds?: NumberTemplate | undefined;
  HeartbeatSeconds?: NumberTemplate | undefined;
  /** Accepted and ignored: there are no roles on one machine. */
  Credentials?: Template | undefined;
}

export interface MapState extends CommonFields, Transition, ErrorHandling {
  Type: "Map";
  Items?: Template | undefined;
  ItemSelector?: Template | undefined;
  MaxConcurrency?: NumberTemplate | undefined;
  ItemProcessor: Flow & { ProcessorConfig?: { Mode?: "INLINE" | undefined } | undefined };
}

export interface ParallelState extends CommonFields, Transition, ErrorHandling {
  Type: "Parallel";
  Arguments?: Template | undefined;
  Branches: Flow[];
}

export type State =
  | PassState
  | SucceedState
  | FailState
  | WaitState
  | ChoiceState
  | TaskState
  | MapState
  | ParallelState;

/** States and where to begin: a machine, a Map's processor or a Parallel's branch. */
export interface Flow {
  StartAt: string;
  States: Record<string, State>;
}

export interface Machine extends Flow {
  QueryLanguage: "JSONata";
  Comment?: string | undefined;
  Version?: string | undefined;
  /** The whole execution ends as TIMED_OUT this long after its start. */
  TimeoutSeconds?: number | undefined;
}
