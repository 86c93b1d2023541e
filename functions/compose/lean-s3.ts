import { fatal, messageOf, retryable } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import type { RemovableBlobs } from "./aws.ts";
import { busyRetries, regionOf, type Signer } from "./signer.ts";

/** The address of a bucket: by its host name in AWS, by path where a stand-in answers, whose host names no bucket. */
export function bucketUrl(settings: Settings, bucket: string): string {
  const endpoint = settings["AWS_ENDPOINT_URL_S3"]?.replace(/\/$/, "");
  return endpoint ? `${endpoint}/${bucket}` : `https://${bucket}.s3.${regionOf(settings)}.amazonaws.com`;
}

export const objectUrl = (base: string, key: string): string =>
  `${base}/${key.split("/").map(encodeURIComponent).join("/")}`;

/** A body of the bucket by one signed request; as core/store/blobs.ts does through the SDK. */
export function leanBlobs(signer: Signer, settings: Settings, bucket: string): RemovableBlobs {
  const base = bucketUrl(settings, bucket);

  /** Every request here may be sent twice: a body never changes under its key. */
  async function ask(method: "GET" | "PUT" | "DELETE", key: string, body?: Uint8Array): Promise<Uint8Array> {
    const failed = (reason: string, cause?: unknown) =>
      retryable(`The file store did not answer: ${reason}`, { cause, code: `blobs.${method.toLowerCase()}` });
    const request = { method, ...(body && { body: Buffer.from(body) }) };
    const answer = await signer.send(objectUrl(base, key), request, busyRetries).catch((error: unknown) => {
      throw failed(messageOf(error), error);
    });
    if (answer.ok) return answer.body;
    // Who may not list a bucket is told 403 of what is not there (Amazon S3 API reference, "GetObject").
    if (method === "GET" && (answer.status === 404 || answer.status === 403))
      throw fatal(`A stored body is gone, or may not be read: ${key}.`, { code: "blobs.lost" });
    throw failed(`HTTP ${answer.status}`);
  }

  return {
    async put(key, body) {
      await ask("PUT", key, body);
    },
    get: (key) => ask("GET", key),
    async remove(key) {
      await ask("DELETE", key);
    },
  };
}
