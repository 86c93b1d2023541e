import type { Settings } from "../../core/base/settings.ts";
import type { Archives } from "../../core/shells/shell.ts";
import { bucketUrl, objectUrl } from "./lean-s3.ts";
import { awsSigner } from "./signer.ts";

/**
 * Addresses of the bucket that may be used for a while without credentials. Signed without the SDK's presigner, whose
 * dependencies the functions do not have otherwise.
 * Source: Amazon S3 API reference, "Authenticating requests: using query parameters".
 */
export function openArchives(settings: Settings, bucket: string): Archives {
  const signer = awsSigner(settings, "s3");
  const base = bucketUrl(settings, bucket);
  return {
    readUrl: (key, seconds) => signer.presign(objectUrl(base, key), "GET", seconds),
    writeUrl: (key, seconds) => signer.presign(objectUrl(base, key), "PUT", seconds),
  };
}
