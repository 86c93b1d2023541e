/** Stands between one function and the embedded cloud, passes everything on, and writes down which AWS calls it makes. */
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A call in the words of IAM. */
export interface AwsCall {
  action: string;
  /** As the embedded cloud names it: `table/talaria-state/index/pending`, an ARN of Step Functions, `bucket/key`. */
  resource: string;
}

export interface Recorder {
  /** In place of the same names of the embedded cloud's environment. */
  environment: Record<string, string>;
  calls: AwsCall[];
  close(): Promise<void>;
}

interface JsonInput {
  TableName?: string;
  IndexName?: string;
  stateMachineArn?: string;
  executionArn?: string;
}

type Reader = (request: IncomingMessage, body: Buffer) => AwsCall;

const operationOf = ({ headers }: IncomingMessage) => String(headers["x-amz-target"]).split(".")[1] ?? "";

/** A task token does not say whose it is; there is one machine. */
const ownerOfToken = "arn:aws:states:::stateMachine:of-the-token";

/** What IAM calls a request for an object, by its method. */
const s3Actions: Record<string, string> = { PUT: "s3:PutObject", GET: "s3:GetObject", DELETE: "s3:DeleteObject" };

const readers: Record<string, Reader> = {
  AWS_ENDPOINT_URL_DYNAMODB: (request, body) => {
    const { TableName, IndexName } = JSON.parse(body.toString()) as JsonInput;
    return {
      action: `dynamodb:${operationOf(request)}`,
      resource: `table/${TableName}${IndexName ? `/index/${IndexName}` : ""}`,
    };
  },
  AWS_ENDPOINT_URL_SFN: (request, body) => {
    const { stateMachineArn, executionArn } = JSON.parse(body.toString()) as JsonInput;
    return { action: `states:${operationOf(request)}`, resource: stateMachineArn ?? executionArn ?? ownerOfToken };
  },
  AWS_ENDPOINT_URL_S3: ({ method, url = "" }) => ({
    action: s3Actions[method ?? ""] ?? `s3:${method}`,
    resource: (url.split("?")[0] ?? "").slice(1),
  }),
};

/** @param cloud the environment of the embedded cloud */
export async function startRecorder(cloud: Record<string, string>): Promise<Recorder> {
  const calls: AwsCall[] = [];
  const servers = await Promise.all(
    Object.entries(readers).map(async ([name, read]) => {
      const target = new URL(cloud[name] ?? "");
      const server = createServer((request, response) => void pass(request, response, { target, read, calls }));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return { name, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    }),
  );
  return {
    environment: Object.fromEntries(servers.map(({ name, url }) => [name, url])),
    calls,
    async close() {
      for (const { server } of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

interface Route {
  target: URL;
  read: Reader;
  calls: AwsCall[];
}

async function pass(request: IncomingMessage, response: ServerResponse, { target, read, calls }: Route): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  calls.push(read(request, body));
  const { method, url: path, headers } = request;
  const onward = send({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  onward.end(body);
}
