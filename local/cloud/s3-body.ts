import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { WireError } from "./wire.ts";

/** What a client sent, taken out of its transfer form. */
export interface Upload {
  body: Buffer;
  /** Checksum headers that were given, in the header or in the trailer. */
  checksums: Record<string, string>;
}

/**
 * Decodes `aws-chunked` bodies (which the SDKs send for streams) and verifies the checksums that we know. CRC32C and
 * CRC64NVME are kept and given back, but not computed.
 * Source: Amazon S3 API reference, "Signature calculations … trailing headers" and "Checking object integrity".
 */
export function decodeUpload(raw: Buffer, headers: IncomingHttpHeaders): Upload {
  const isChunked = String(headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
  const { body, trailer } = isChunked ? decodeChunks(raw) : { body: raw, trailer: {} };
  const checksums: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...headers, ...trailer })) {
    if (/^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/.test(name)) checksums[name] = String(value);
  }
  verify(body, checksums, headers["content-md5"] as string | undefined);
  return { body, checksums };
}

/** Form of a chunk: `<hex size>[;chunk-signature=…]\r\n<data>\r\n`; a size of 0 ends, and trailer lines follow. */
function decodeChunks(raw: Buffer): { body: Buffer; trailer: Record<string, string> } {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = raw.indexOf("\r\n", position);
    const size = Number.parseInt(raw.toString("latin1", position, lineEnd), 16);
    const start = lineEnd + 2;
    if (lineEnd < 0 || Number.isNaN(size) || start + size > raw.length) {
      throw new WireError(400, "IncompleteBody", "The chunked body ended early or is not well-formed.");
    }
    if (size === 0) return { body: Buffer.concat(chunks), trailer: parseTrailer(raw.toString("latin1", start)) };
    chunks.push(raw.subarray(start, start + size));
    position = start + size + 2;
  }
}

function parseTrailer(text: string): Record<string, string> {
  const lines = text.split("\r\n").filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

const digest = (algorithm: string) => (body: Buffer) => createHash(algorithm).update(body).digest("base64");

const crc32Base64 = (body: Buffer): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64");
};

const computed: Record<string, (body: Buffer) => string> = {
  "x-amz-checksum-crc32": crc32Base64,
  "x-amz-checksum-sha1": digest("sha1"),
  "x-amz-checksum-sha256": digest("sha256"),
};

function verify(body: Buffer, checksums: Record<string, string>, md5: string | undefined): void {
  if (md5 !== undefined && digest("md5")(body) !== md5) {
    throw new WireError(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  for (const [name, value] of Object.entries(checksums)) {
    const compute = computed[name];
    if (compute !== undefined && compute(body) !== value) {
      throw new WireError(400, "BadDigest", `The ${name} you specified did not match what we received.`);
    }
  }
}
