import { messageOf, refused, retryable, TalariaError } from "../../base/errors.ts";

/** The codes of gRPC that we tell apart (grpc.io/docs/guides/status-codes). */
const status = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  failedPrecondition: 9,
  unauthenticated: 16,
} as const;

const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;

/** The client has classes of its own for some codes; their names are the only thing both have. */
const hasName = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/** What was asked for does not exist (any more). */
export const isGone = (error: unknown): boolean => hasName(error, "NotFoundError") || codeOf(error) === status.notFound;

/** Asking for the same again cannot help. */
const isInvalid = (error: unknown): boolean =>
  hasName(error, "InvalidError") ||
  codeOf(error) === status.invalidArgument ||
  codeOf(error) === status.failedPrecondition;

/** A sandbox cannot be made from this image, now or later. */
export const isBadImage = (error: unknown): boolean => isGone(error) || isInvalid(error) || isFailedBuild(error);

/** A name that no registry knows, or a snapshot of which a part is missing. */
const isFailedBuild = (error: unknown): boolean =>
  /Image build for .* failed with the exception/s.test(messageOf(error));

/** What the person is told. The client's own error is not its cause: what it quotes could hold a token. */
export function failureOf(error: unknown, secrets: readonly string[]): TalariaError {
  if (error instanceof TalariaError) return error;
  const code = codeOf(error);
  if (code === status.unauthenticated || code === status.permissionDenied)
    return refused("Modal refuses the token: check MODAL_TOKEN_ID and MODAL_TOKEN_SECRET.", {
      code: "shell.unauthorized",
    });
  const said = secrets.reduce((text, secret) => text.replaceAll(secret, "***"), messageOf(error));
  if (isBadImage(error) && !isGone(error)) return refused(`Modal refuses: ${said}`, { code: "shell.refused" });
  return retryable(`Modal failed: ${said}`, { code: "shell.failed" });
}

/** Runs calls of the client; what they throw becomes an error of ours. */
export async function guarded<Result>(secrets: readonly string[], call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw failureOf(error, secrets);
  }
}
