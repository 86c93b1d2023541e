import { fatal, messageOf, retryable } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import { awsSigner, busyRetries, regionOf } from "./signer.ts";

/** Lambda answers an asynchronous invocation as soon as it has queued it. */
const patienceMs = 5_000;

/**
 * Hands events over to the function that this setting names: Lambda queues each and tries it three times in all. Signed
 * here, since the SDK's client would be a tenth of a step's bundle (docs/adr/0006-a-lean-signer-for-the-ingress.md).
 * Source: AWS Lambda API reference, "Invoke".
 */
export function invokeLater(settings: Settings, setting: string): (event: object) => Promise<void> {
  const name = settings[setting];
  const signer = awsSigner(settings, "lambda");
  const endpoint = (
    settings["AWS_ENDPOINT_URL_LAMBDA"] || `https://lambda.${regionOf(settings)}.amazonaws.com`
  ).replace(/\/$/, "");
  const failed = (reason: string, cause?: unknown) =>
    retryable(`A function could not be started: ${reason}`, { cause, code: "function.start" });

  return async (event) => {
    if (!name)
      throw fatal(`${setting} is not set: this function was deployed without it.`, { code: "deploy.environment" });
    const url = `${endpoint}/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
    const request = {
      method: "POST" as const,
      headers: { "content-type": "application/json", "x-amz-invocation-type": "Event" },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(patienceMs),
    };
    const answer = await signer.send(url, request, busyRetries).catch((error: unknown) => {
      throw failed(messageOf(error), error);
    });
    if (answer.status !== 202) throw failed(`Lambda answered ${answer.status}.`);
  };
}
