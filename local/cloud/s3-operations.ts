import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { decodeUpload } from "./s3-body.ts";
import type { S3Request } from "./s3-request.ts";
import type { StoredObject } from "./s3-store.ts";
import { bucketsXml, copyXml, deletedXml, keysOfDelete, listXml } from "./s3-xml.ts";
import { readBody, WireError } from "./wire.ts";

type Operation = (request: S3Request) => Promise<void> | void;

/** S3 takes 5 GB in one request; here an object is held in memory, so a lower bound protects the process. */
const maxObjectBytes = 256 * 1024 * 1024;
const maxListedKeys = 1000;

const noSuchKey = () => new WireError(404, "NoSuchKey", "The specified key does not exist.");
const preconditionFailed = () =>
  new WireError(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.");

function sendXml({ response }: S3Request, xml: string): void {
  response.writeHead(200, { "content-type": "application/xml", "content-length": Buffer.byteLength(xml) });
  response.end(xml);
}

function sendEmpty({ response }: S3Request, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-length": 0, ...headers });
  response.end();
}

function createBucket(request: S3Request): void {
  request.store.createBucket(request.bucket);
  request.http.resume();
  sendEmpty(request, 200, { location: `/${request.bucket}` });
}

function listObjects(request: S3Request): void {
  const { query, store, bucket } = request;
  if (bucket === "") return sendXml(request, bucketsXml(store.buckets()));
  const token = query.get("continuation-token");
  const page = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    after: token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString("utf8"),
    maxKeys: Math.min(Number(query.get("max-keys") ?? maxListedKeys), maxListedKeys),
  };
  sendXml(request, listXml(bucket, page, store.list(bucket, page)));
}

async function deleteObjects(request: S3Request): Promise<void> {
  const { body } = decodeUpload(await readBody(request.http, maxObjectBytes), request.http.headers);
  const keys = keysOfDelete(body.toString("utf8"));
  for (const key of keys) request.store.delete(request.bucket, key);
  sendXml(request, deletedXml(keys));
}

/** Headers that belong to the object and come back with it. `aws-chunked` was the transfer's, not the object's. */
function objectHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const [name, value] of Object.entries(headers)) {
    const belongs = /^(content-(type|encoding|disposition|language)|cache-control|expires|x-amz-meta-.*)$/.test(name);
    if (belongs && value !== undefined) kept[name] = String(value);
  }
  const encoding = (kept["content-encoding"] ?? "").replace(/(^|,)\s*aws-chunked\s*(?=,|$)/, "").replace(/^,\s*/, "");
  delete kept["content-encoding"];
  return encoding === "" ? kept : { ...kept, "content-encoding": encoding };
}

/** Read and checked in the same tick as the write that follows, so of many contenders exactly one wins. */
function checkWriteConditions({ http, store, bucket, key }: S3Request): void {
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = http.headers;
  if (ifMatch === undefined && ifNoneMatch === undefined) return;
  const existing = store.get(bucket, key);
  if (ifNoneMatch === "*" && existing !== undefined) throw preconditionFailed();
  if (ifMatch === undefined) return;
  if (existing === undefined) throw noSuchKey();
  if (existing.etag !== ifMatch) throw preconditionFailed();
}

const etagOf = (body: Uint8Array): string => `"${createHash("md5").update(body).digest("hex")}"`;

async function putObject(request: S3Request): Promise<void> {
  const { http, store, bucket, key } = request;
  const { body, checksums } = decodeUpload(await readBody(http, maxObjectBytes), http.headers);
  checkWriteConditions(request);
  const etag = etagOf(body);
  store.put(bucket, key, {
    body,
    etag,
    modifiedAtMs: Date.now(),
    headers: { ...objectHeaders(http.headers), ...checksums },
  });
  sendEmpty(request, 200, { etag, ...checksums });
}

function copyObject(request: S3Request): void {
  const { http, store, bucket, key } = request;
  http.resume();
  const source = decodeURIComponent(String(http.headers["x-amz-copy-source"])).replace(/^\//, "");
  const slash = source.indexOf("/");
  const original = store.get(source.slice(0, slash), source.slice(slash + 1));
  if (original === undefined) throw noSuchKey();
  checkWriteConditions(request);
  const modifiedAtMs = Date.now();
  const isReplacing = http.headers["x-amz-metadata-directive"] === "REPLACE";
  const headers = isReplacing ? objectHeaders(http.headers) : original.headers;
  store.put(bucket, key, { ...original, modifiedAtMs, headers });
  sendXml(request, copyXml(original.etag, modifiedAtMs));
}

const put: Operation = (request) =>
  request.http.headers["x-amz-copy-source"] === undefined ? putObject(request) : copyObject(request);

/** `bytes=a-b`, `bytes=a-` and `bytes=-n`; S3 knows one range only. `undefined` when the header is none of these. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) throw new WireError(416, "InvalidRange", "The requested range is not satisfiable.");
  return { start, end };
}

function checkReadConditions({ http }: S3Request, object: StoredObject): void {
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = http.headers;
  if (ifMatch !== undefined && ifMatch !== object.etag) throw preconditionFailed();
  if (ifNoneMatch === object.etag) throw new WireError(304, "NotModified", "Not Modified");
}

function readObject(request: S3Request): void {
  const { http, response, store, bucket, key } = request;
  const object = store.get(bucket, key);
  if (object === undefined) throw noSuchKey();
  checkReadConditions(request, object);
  const range = parseRange(http.headers.range, object.body.length);
  const body = range === undefined ? object.body : object.body.subarray(range.start, range.end + 1);
  response.writeHead(range === undefined ? 200 : 206, {
    ...responseHeaders(http, object, range !== undefined),
    "content-length": body.length,
    ...(range !== undefined && { "content-range": `bytes ${range.start}-${range.end}/${object.body.length}` }),
  });
  response.end(http.method === "HEAD" ? undefined : body);
}

/** Checksums are those of the whole object, so they stay away from a part of it and unless asked for. */
function responseHeaders(http: IncomingMessage, object: StoredObject, isPart: boolean): Record<string, string> {
  const wantsChecksum = !isPart && http.headers["x-amz-checksum-mode"] === "ENABLED";
  const stored = Object.entries(object.headers).filter(
    ([name]) => wantsChecksum || !name.startsWith("x-amz-checksum-"),
  );
  const hasChecksum = stored.some(([name]) => name.startsWith("x-amz-checksum-"));
  return {
    ...Object.fromEntries(stored),
    ...(hasChecksum && { "x-amz-checksum-type": "FULL_OBJECT" }),
    etag: object.etag,
    "last-modified": new Date(object.modifiedAtMs).toUTCString(),
    "accept-ranges": "bytes",
  };
}

function deleteObject(request: S3Request): void {
  request.store.delete(request.bucket, request.key);
  sendEmpty(request, 204);
}

/** By method; `DELETE_MANY` is `POST ?delete`. */
export const bucketOperations: Record<string, Operation> = {
  GET: listObjects,
  HEAD: (request) => sendEmpty(request, 200),
  PUT: createBucket,
  DELETE_MANY: deleteObjects,
};

export const objectOperations: Record<string, Operation> = {
  GET: readObject,
  HEAD: readObject,
  PUT: put,
  DELETE: deleteObject,
};
