/**
 * The one error class. Its kind says what happens next, and the place that knows the cause decides the kind
 * (an adapter that sees a status code, a schema that sees the input), never a caller further up.
 *
 * - `refused`: asking again cannot help; tell the person. Step Functions never retries it.
 * - `retryable`: the same call may succeed later, after `retryAfterMs` when the other side said so.
 * - `fatal`: a defect or a broken deployment; stop and alarm.
 */
export type ErrorKind = "refused" | "retryable" | "fatal";

/** Names as Step Functions sees them (`ErrorEquals` in core/turn/machine.ts). */
export const errorNames = {
  refused: "Talaria.Refused",
  retryable: "Talaria.Retryable",
  fatal: "Talaria.Fatal",
} as const satisfies Record<ErrorKind, string>;

export interface ErrorDetails {
  cause?: unknown;
  /** How long the other side asked us to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** A stable word for logs and tests, for example `model.unauthorized`. */
  code?: string;
}

/** The message is written for the person who meets it, so it may be shown: what happened, what to do. No secrets. */
export class TalariaError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = errorNames[kind];
    this.kind = kind;
    this.code = details.code ?? kind;
    this.retryAfterMs = details.retryAfterMs;
  }
}

export const refused = (message: string, details?: ErrorDetails) => new TalariaError("refused", message, details);
export const retryable = (message: string, details?: ErrorDetails) => new TalariaError("retryable", message, details);
export const fatal = (message: string, details?: ErrorDetails) => new TalariaError("fatal", message, details);

export const isKind = (error: unknown, kind: ErrorKind): error is TalariaError =>
  error instanceof TalariaError && error.kind === kind;

/** The text of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
