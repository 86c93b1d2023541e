import type { Listing, ListRequest } from "./s3-store.ts";

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
const characters = Object.fromEntries(Object.entries(entities).map(([character, entity]) => [entity, character]));

/** Control characters are escaped too: a parser would change a line break inside a key. */
const escape = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- keys may hold them
  text.replace(/[&<>"'\u0000-\u001f]/g, (found) => entities[found] ?? `&#${found.charCodeAt(0)};`);

const unescape = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|apos);|&#(x?)([0-9a-f]+);/gi, (found, hex: string, code: string) =>
    code === undefined ? (characters[found] ?? found) : String.fromCodePoint(Number.parseInt(code, hex ? 16 : 10)),
  );

const document = (root: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${root}>`;

const element = (name: string, value: string | number | boolean): string =>
  `<${name}>${escape(String(value))}</${name}>`;

const isoDate = (ms: number): string => new Date(ms).toISOString();

/** S3 answers an error without a namespace. */
export const errorXml = (code: string, message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${element("Code", code)}${element("Message", message)}</Error>`;

export const bucketsXml = (names: string[]): string =>
  document(
    "ListAllMyBucketsResult",
    `<Buckets>${names.map((name) => `<Bucket>${element("Name", name)}</Bucket>`).join("")}</Buckets>`,
  );

export const copyXml = (etag: string, modifiedAtMs: number): string =>
  document("CopyObjectResult", element("ETag", etag) + element("LastModified", isoDate(modifiedAtMs)));

export const deletedXml = (keys: string[]): string =>
  document("DeleteResult", keys.map((key) => `<Deleted>${element("Key", key)}</Deleted>`).join(""));

/** The keys of a DeleteObjects request. */
export const keysOfDelete = (xml: string): string[] =>
  [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => unescape(key ?? ""));

export function listXml(bucket: string, request: ListRequest, { objects, commonPrefixes, next }: Listing): string {
  const contents = objects.map(
    ({ key, etag, modifiedAtMs, size }) =>
      `<Contents>${element("Key", key)}${element("LastModified", isoDate(modifiedAtMs))}${element("ETag", etag)}` +
      `${element("Size", size)}${element("StorageClass", "STANDARD")}</Contents>`,
  );
  const prefixes = commonPrefixes.map((prefix) => `<CommonPrefixes>${element("Prefix", prefix)}</CommonPrefixes>`);
  return document(
    "ListBucketResult",
    [
      element("Name", bucket),
      element("Prefix", request.prefix),
      element("Delimiter", request.delimiter),
      element("MaxKeys", request.maxKeys),
      element("KeyCount", objects.length + commonPrefixes.length),
      element("IsTruncated", next !== undefined),
      next === undefined ? "" : element("NextContinuationToken", Buffer.from(next).toString("base64url")),
      ...contents,
      ...prefixes,
    ].join(""),
  );
}
