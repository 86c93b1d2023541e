import type { IncomingMessage, ServerResponse } from "node:http";
import { bucketOperations, objectOperations } from "./s3-operations.ts";
import { parseRequest, type S3Request } from "./s3-request.ts";
import type { ObjectStore } from "./s3-store.ts";
import { errorXml } from "./s3-xml.ts";
import { messageOf } from "../../core/base/errors.ts";
import { WireError, type Handle } from "./wire.ts";

/**
 * The part of S3 that Talaria uses, over the real wire (REST XML, path style): buckets, objects, listing, ranges,
 * conditions, checksums. Multipart uploads, versions, tags and access control are not there and answer 501.
 */
export const s3Handler =
  (store: ObjectStore): Handle =>
  async (http, response) => {
    try {
      const request = parseRequest(http, response, store);
      await operationOf(request)(request);
    } catch (error) {
      sendXmlError(http, response, error);
    }
  };

function operationOf({ http, bucket, key, query, store }: S3Request): (request: S3Request) => Promise<void> | void {
  const unsupported = ["uploads", "uploadId", "versions", "versioning", "versionId", "tagging", "acl", "lifecycle"];
  const method = http.method ?? "GET";
  const name = key === "" && method === "POST" && query.has("delete") ? "DELETE_MANY" : method;
  const operation = (key === "" ? bucketOperations : objectOperations)[name];
  if (operation === undefined || unsupported.some((parameter) => query.has(parameter))) {
    throw new WireError(501, "NotImplemented", "The embedded cloud does not have this part of S3.");
  }
  if (bucket !== "" && !(key === "" && method === "PUT") && !store.hasBucket(bucket)) {
    throw new WireError(404, "NoSuchBucket", "The specified bucket does not exist.");
  }
  return operation;
}

function sendXmlError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const known = error instanceof WireError ? error : new WireError(500, "InternalError", messageOf(error));
  const hasBody = request.method !== "HEAD" && known.status !== 304;
  response.writeHead(known.status, {
    ...(hasBody && { "content-type": "application/xml" }),
    ...(!request.complete && { connection: "close" }),
  });
  response.end(hasBody ? errorXml(known.code, known.message) : undefined);
}
