import * as z from "zod";
import { messageOf, refused, retryable, TalariaError } from "../../base/errors.ts";

/** What the client throws when there was an answer (axios). Its other fields hold the request, and that the key. */
const answered = z.object({
  response: z.object({
    status: z.number(),
    headers: z.looseObject({ "retry-after": z.string().optional() }).optional(),
    data: z.looseObject({ message: z.string().optional() }).optional().catch(undefined),
  }),
});

const responseOf = (error: unknown) => answered.safeParse(error).data?.response;

export const isStatus = (error: unknown, status: number): boolean => responseOf(error)?.status === status;

/** What the person is told. The client's own error must not be its cause: it holds the request with the key. */
export function failureOf(error: unknown, apiKey: string): TalariaError {
  if (error instanceof TalariaError) return error;
  const response = responseOf(error);
  const said = (response?.data?.message ?? messageOf(error)).replaceAll(apiKey, "***");
  if (response === undefined) return retryable(`Daytona cannot be reached: ${said}`, { code: "shell.failed" });
  if (response.status === 401)
    return refused("Daytona refuses the key: check DAYTONA_API_KEY.", { code: "shell.unauthorized" });
  // A limit of the organisation, or a key without the permission.
  if (response.status === 403) return refused(`Daytona refuses: ${said}`, { code: "shell.refused" });
  return retryable(`Daytona failed with ${response.status}: ${said}`, {
    code: "shell.failed",
    retryAfterMs: waitOf(response.headers?.["retry-after"]),
  });
}

/** A 400 for a new sandbox is about what it should be made of; elsewhere it may be about the moment. */
export function creationFailureOf(error: unknown, apiKey: string): TalariaError {
  const failure = failureOf(error, apiKey);
  return isStatus(error, 400) ? refused(failure.message, { code: "shell.refused" }) : failure;
}

function waitOf(seconds: string | undefined): number | undefined {
  const wait = Number(seconds);
  return seconds !== undefined && Number.isFinite(wait) ? wait * 1_000 : undefined;
}

/** Runs calls of the client; what they throw becomes an error of ours. */
export async function guarded<Result>(apiKey: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw failureOf(error, apiKey);
  }
}
