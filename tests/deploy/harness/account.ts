/**
 * The AWS calls that the SST CLI makes itself (state, secrets, assets): a loopback server with one account in memory, so
 * that several commands share it. A call that it does not know is answered with an error and recorded.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { account } from "./aws-outputs.ts";

export interface StandInAccount {
  url: string;
  /** Calls that nothing here answers, such as "ec2 DescribeVpcs". */
  unknownCalls: string[];
  close(): Promise<void>;
}

interface Call {
  service: string;
  /** The operation of a JSON protocol; S3 has none. */
  operation: string;
  method: string;
  /** Path and query. */
  path: string;
  body: Buffer;
}

interface Reply {
  status?: number;
  type?: string;
  body?: string | Buffer;
}

/** What answers one service; `undefined` for a call that it does not know. */
type ServiceHandler = (call: Call) => Reply | undefined;

const json = (value: unknown, status = 200): Reply => ({
  status,
  type: "application/x-amz-json-1.1",
  body: JSON.stringify(value),
});
const xml = (body: string, status = 200): Reply => ({ status, type: "application/xml", body });

function parameters(): ServiceHandler {
  const values = new Map<string, string>();
  return ({ operation, body }) => {
    const { Name = "", Value = "" } = JSON.parse(body.toString() || "{}") as { Name?: string; Value?: string };
    switch (operation) {
      case "GetParameter":
        return values.has(Name)
          ? json({ Parameter: { Name, Value: values.get(Name), Type: "SecureString" } })
          : json({ __type: "ParameterNotFound", message: Name }, 400);
      case "PutParameter":
        values.set(Name, Value);
        return json({ Version: 1 });
      case "DeleteParameter":
        values.delete(Name);
        return json({});
      default:
        return undefined;
    }
  };
}

/** Path-style or virtual-hosted, an object's whole path is its key: nothing here lists a bucket's content. */
function objects(): ServiceHandler {
  const stored = new Map<string, Buffer>();
  return ({ method, path, body }) => {
    const { pathname } = new URL(path, "http://s3");
    const isObject = pathname.split("/").filter(Boolean).length > 1;
    if (!isObject)
      return method === "GET" ? xml("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>") : xml("");
    if (method === "PUT") {
      stored.set(pathname, body);
      return xml("");
    }
    if (method === "DELETE") {
      stored.delete(pathname);
      return { status: 204 };
    }
    const object = stored.get(pathname);
    return object ? { body: object } : xml("<Error><Code>NoSuchKey</Code><Message>none</Message></Error>", 404);
  };
}

const identity: ServiceHandler = () =>
  xml(
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
      `<Arn>arn:aws:iam::${account}:user/deployer</Arn><UserId>deployer</UserId><Account>${account}</Account>` +
      `</GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );

/** SST makes a repository for images in every account, used or not. */
const repositories: ServiceHandler = ({ operation }) =>
  operation === "CreateRepository"
    ? json({
        repository: {
          registryId: account,
          repositoryName: "sst-asset",
          repositoryUri: `${account}.dkr.ecr.us-east-1.amazonaws.com/sst-asset`,
        },
      })
    : undefined;

export async function startAccount(): Promise<StandInAccount> {
  const services: Record<string, ServiceHandler> = {
    ssm: parameters(),
    s3: objects(),
    sts: identity,
    ecr: repositories,
  };
  const unknownCalls: string[] = [];
  const server = createServer((request, response) => {
    void readCall(request).then((call) => {
      const reply = services[call.service]?.(call);
      if (!reply) unknownCalls.push(`${call.service} ${call.operation || `${call.method} ${call.path}`}`);
      send(response, reply ?? json({ message: "the stand-in account does not know this call" }, 400));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    unknownCalls,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { headers, method = "", url = "/" } = request;
  const body = Buffer.concat(chunks);
  const isChunked = String(headers["content-encoding"]).includes("aws-chunked");
  // The credential scope names the service: …/us-east-1/ssm/aws4_request.
  const service = /\/([a-z0-9-]+)\/aws4_request/.exec(headers.authorization ?? "")?.[1] ?? "unsigned";
  const operation =
    String(headers["x-amz-target"] ?? "")
      .split(".")
      .at(-1) ?? "";
  return { service, operation, method, path: url, body: isChunked ? withoutChunks(body) : body };
}

/** `aws-chunked`: each chunk has a line with its length in hexadecimal before it, and one of length 0 ends them. */
function withoutChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let position = 0; ;) {
    const lineEnd = body.indexOf("\r\n", position);
    const length = lineEnd < 0 ? 0 : Number.parseInt(body.toString("latin1", position, lineEnd), 16);
    if (!length) return Buffer.concat(chunks);
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + length));
    position = lineEnd + 2 + length + 2;
  }
}

function send(response: ServerResponse, { status = 200, type = "application/octet-stream", body = "" }: Reply): void {
  response.writeHead(status, { "content-type": type });
  response.end(body);
}
