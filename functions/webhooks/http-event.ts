import * as z from "zod";
import type { RawRequest, RawResponse } from "../../core/platforms/platform.ts";

/** A function URL event, payload format 2.0 (AWS Lambda developer guide, "Invoking Lambda function URLs"). */
const eventSchema = z.object({
  rawPath: z.string(),
  queryStringParameters: z.record(z.string(), z.string()).optional(),
  headers: z.record(z.string(), z.string()),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/** The request as the platform sent it: signatures are over the exact bytes, so a flagged body is decoded to bytes. */
export function toRawRequest(event: unknown): RawRequest {
  const { rawPath, queryStringParameters, headers, requestContext, body, isBase64Encoded } = eventSchema.parse(event);
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    method: requestContext.http.method,
    path: rawPath,
    query: queryStringParameters ?? {},
    headers: Object.fromEntries(entries),
    body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"),
  };
}

export const toHttpResult = ({ status, headers, body }: RawResponse) => ({
  statusCode: status,
  headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  body: body ?? "",
});
