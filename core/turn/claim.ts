import { TalariaError, retryable } from "../base/errors.ts";

/**
 * A claim is one worker's name on what it works at. Nobody's claim means that nobody has begun: nothing of it is in doubt.
 */
export const nobody = "";

const supersededCode = "turn.superseded";

/** Thrown by a worker whose claim another one took: it stops without a trace, and a retry finds what is left to do. */
export const superseded = () => retryable("Another worker has taken this turn over.", { code: supersededCode });

export const isSuperseded = (error: unknown): boolean => error instanceof TalariaError && error.code === supersededCode;
