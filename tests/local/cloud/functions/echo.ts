/** Answers the event and the parts of the context that a test looks at. */
import type { LambdaContext } from "../../../../local/cloud/lambda-runtime.ts";

export const handler = (event: unknown, context: LambdaContext) => ({
  event,
  context: { ...context, remainingMs: context.getRemainingTimeInMillis() },
});
