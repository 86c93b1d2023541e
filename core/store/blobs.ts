import { fatal, messageOf, retryable } from "../base/errors.ts";
import type { Blobs } from "./bodies.ts";

/** S3 behind the Blobs port. The client is loaded on first use: most invocations never need it. */
export function openBlobs(bucket: string): Blobs & { remove(key: string): Promise<void> } {
  const load = async () => {
    const s3 = await import("./s3-client.ts");
    return { s3, client: new s3.S3Client() };
  };
  let loading: ReturnType<typeof load> | undefined;
  const loaded = () => (loading ??= load());

  async function put(key: string, body: Uint8Array): Promise<void> {
    const { s3, client } = await loaded();
    try {
      await client.send(new s3.PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    } catch (error) {
      throw retryable(`The file store did not accept a body: ${messageOf(error)}`, { cause: error, code: "blobs.put" });
    }
  }

  async function get(key: string): Promise<Uint8Array> {
    const { s3, client } = await loaded();
    try {
      const answer = await client.send(new s3.GetObjectCommand({ Bucket: bucket, Key: key }));
      if (!answer.Body) throw new Error("an empty answer");
      return await answer.Body.transformToByteArray();
    } catch (error) {
      // Who may not list a bucket is told AccessDenied of what is not there (Amazon S3 API reference, "GetObject").
      if (error instanceof s3.NoSuchKey || (error instanceof Error && error.name === "AccessDenied"))
        throw fatal(`A stored body is gone, or may not be read: ${key}.`, { cause: error, code: "blobs.lost" });
      throw retryable(`The file store did not answer: ${messageOf(error)}`, { cause: error, code: "blobs.get" });
    }
  }

  /** Removing what is not there is no error. */
  async function remove(key: string): Promise<void> {
    const { s3, client } = await loaded();
    try {
      await client.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: key }));
    } catch (error) {
      throw retryable(`The file store did not answer: ${messageOf(error)}`, { cause: error, code: "blobs.remove" });
    }
  }

  return { put, get, remove };
}
