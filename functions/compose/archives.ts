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
  const client = awsSigner(settings, { service: "s3" });
  const base = bucketUrl(settings, bucket);

  async function signed(method: "GET" | "PUT", key: string, seconds: number): Promise<string> {
    const url = `${objectUrl(base, key)}?X-Amz-Expires=${seconds}`;
    const request = await client.sign(url, { method, aws: { signQuery: true } });
    return request.url;
  }

  return {
    readUrl: (key, seconds) => signed("GET", key, seconds),
    writeUrl: (key, seconds) => signed("PUT", key, seconds),
  };
}
