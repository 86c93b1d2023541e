/** Reads tar archives: ustar, with the long names of pax and of GNU tar (POSIX.1-2017, pax, "ustar Interchange Format"). */
import { gunzipSync } from "node:zlib";
import { messageOf, refused } from "../base/errors.ts";

export interface TarEntry {
  path: string;
  /** `other`: a link, a device, …: what has no content of its own. */
  kind: "file" | "folder" | "other";
  content: Uint8Array;
}

const blockBytes = 512;

const broken = (why: string, cause?: unknown) =>
  refused(`The archive cannot be read: ${why}.`, { code: "skill.archive", cause });

/** A .tar.gz; refused when it is over `maxBytes` once unpacked. */
export function readTarGz(bytes: Uint8Array, maxBytes: number): TarEntry[] {
  try {
    return readTar(gunzipSync(bytes, { maxOutputLength: maxBytes }));
  } catch (error) {
    if (error instanceof RangeError) throw broken(`it is over ${maxBytes.toLocaleString("en")} bytes`, error);
    if (error instanceof Error && "errno" in error) throw broken(messageOf(error), error);
    throw error;
  }
}

export function readTar(bytes: Uint8Array): TarEntry[] {
  const tar = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + blockBytes <= tar.length;) {
    const header = tar.subarray(at, at + blockBytes);
    if (header.every((byte) => byte === 0)) break;
    checkSum(header);
    const size = numberAt(header, 124, 12);
    const content = tar.subarray(at + blockBytes, at + blockBytes + size);
    if (content.length < size) throw broken("it ends too early");
    const type = String.fromCharCode(header[156] ?? 0);
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
    if (type === "x" || type === "L")
      longName = (type === "x" ? paxPath(content) : textAt(content, 0, size)) ?? longName;
    else if (type !== "g" && type !== "K") {
      entries.push({ path: longName ?? nameOf(header), kind: kindOf(type), content });
      longName = undefined;
    }
  }
  return entries;
}

function kindOf(type: string): TarEntry["kind"] {
  if (type === "0" || type === "\0" || type === "7") return "file";
  return type === "5" ? "folder" : "other";
}

const textAt = (bytes: Buffer, from: number, length: number): string =>
  bytes.toString("utf8", from, from + length).replace(/\0[\s\S]*$/, "");

function nameOf(header: Buffer): string {
  const prefix = textAt(header, 257, 5) === "ustar" && header[262] === 0 ? textAt(header, 345, 155) : "";
  return prefix === "" ? textAt(header, 0, 100) : `${prefix}/${textAt(header, 0, 100)}`;
}

/** Octal text. GNU tar writes sizes beyond 8 GB in binary, which no skill needs. */
function numberAt(header: Buffer, from: number, length: number): number {
  const text = textAt(header, from, length).trim();
  if (!/^[0-7]*$/.test(text)) throw broken("a size in it is not a number");
  return Number.parseInt(text || "0", 8);
}

/** The sum of the header's bytes, its own field counted as spaces. */
function checkSum(header: Buffer): void {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (sum !== numberAt(header, 148, 8)) throw broken("a checksum in it is wrong");
}

/** The `path` among pax records: "<length> <key>=<value>\n", the length in bytes and of the whole record. */
function paxPath(content: Buffer): string | undefined {
  for (let at = 0; at < content.length;) {
    const length = Number.parseInt(content.toString("latin1", at, at + 12), 10);
    if (!(length > 0) || at + length > content.length) throw broken("a record in it has a wrong length");
    const [, key, value] = /^\d+ ([^=]+)=([\s\S]*)\n$/.exec(content.toString("utf8", at, at + length)) ?? [];
    if (key === "path") return value;
    at += length;
  }
  return undefined;
}
