import type { IncomingMessage, ServerResponse } from "node:http";
import type { ObjectStore } from "./s3-store.ts";

/** What an operation gets: the names are decoded, `key` is empty for a bucket. */
export interface S3Request {
  http: IncomingMessage;
  response: ServerResponse;
  store: ObjectStore;
  bucket: string;
  key: string;
  query: URLSearchParams;
}

/** Not through `URL`, which would resolve `..` inside a key. */
export function parseRequest(http: IncomingMessage, response: ServerResponse, store: ObjectStore): S3Request {
  const [path = "/", query = ""] = (http.url ?? "/").split(/\?(.*)/s);
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return {
    http,
    response,
    store,
    bucket: decodeURIComponent(bucket),
    key: decodeURIComponent(key),
    query: new URLSearchParams(query),
  };
}
