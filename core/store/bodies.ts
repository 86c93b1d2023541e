import { createHash } from "node:crypto";
import { pack, unpack } from "../base/json.ts";

/** Where bodies go that are too large for an item: S3. A body is immutable; its name is made of its bytes. */
export interface Blobs {
  put(key: string, body: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array>;
}

/**
 * Larger packed bodies are stored by reference: an item holds at most 400 KB (DynamoDB developer guide, "Quotas"), and a
 * step has two bodies, its own and its results.
 */
const maxInlineBytes = 180_000;

export interface BodyCodec {
  /** The attribute to store for a value: its packed bytes, or the key of the blob that holds them. */
  write(value: unknown): Promise<Uint8Array | string>;
  read(attribute: unknown): Promise<unknown>;
}

export function bodyCodec(blobs: Blobs): BodyCodec {
  async function write(value: unknown): Promise<Uint8Array | string> {
    const bytes = pack(value);
    if (bytes.length <= maxInlineBytes) return bytes;
    const key = `bodies/${createHash("sha256").update(bytes).digest("hex")}`;
    await blobs.put(key, bytes);
    return key;
  }

  async function read(attribute: unknown): Promise<unknown> {
    return unpack(typeof attribute === "string" ? await blobs.get(attribute) : (attribute as Uint8Array));
  }

  return { write, read };
}
