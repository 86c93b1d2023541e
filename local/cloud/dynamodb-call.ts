import { request as httpRequest } from "node:http";
import { region } from "./names.ts";
import { WireError } from "./wire.ts";
import type { CallDynamoDb } from "./dynamodb.ts";

/**
 * A DynamoDB client of a few lines for the cloud's own needs (making tables, expiry): the SDK's client would cost the
 * start more time and memory than all of the cloud's services. The signature is a stand-in; nobody here checks it.
 */
export const callDynamoDb =
  (accessKeyId: string): CallDynamoDb =>
  async (url, operation, input) => {
    const body = JSON.stringify(input);
    const { status, text } = await post(url, body, {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": new Date().toISOString().replace(/[-:]|\.\d+/g, ""),
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${new Date().toISOString().slice(0, 10).replaceAll("-", "")}/${region}/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0`,
    });
    const answer = JSON.parse(text) as Record<string, unknown>;
    if (status === 200) return answer;
    const { __type: type = "Unknown", message = "" } = answer as { __type?: string; message?: string };
    throw new WireError(status, type.split("#").at(-1) ?? type, message);
  };

function post(url: string, body: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: "POST", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}
