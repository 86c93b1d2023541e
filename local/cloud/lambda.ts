import type { FunctionSpec } from "../../stacks/manifest.ts";
import { functionArn, logicalFunctionName } from "./names.ts";
import type { InvokeResult, LambdaRuntime } from "./lambda-runtime.ts";
import { readBody, sendJson, WireError, type Handle } from "./wire.ts";

/** Source: AWS Lambda developer guide, "Quotas": 6 MB for a synchronous request and for its answer. */
export const maxPayloadBytes = 6 * 1024 * 1024;

export interface LambdaService {
  /**
   * Runs a function and waits. The name may be logical, the deployed one or an ARN.
   *
   * @throws a WireError: `ResourceNotFoundException`, `TooManyRequestsException`.
   */
  invoke(nameOrArn: string, payload: string): Promise<InvokeResult>;
  /** The wire: REST JSON, `POST /2015-03-31/functions/{name}/invocations`. */
  handle: Handle;
}

export interface LambdaOptions {
  functions: Record<string, FunctionSpec>;
  runtime: LambdaRuntime;
  /** Takes an asynchronous invocation; it must be safe when this returns. */
  acceptEvent: (name: string, payload: string) => void;
}

export function createLambda({ functions, runtime, acceptEvent }: LambdaOptions): LambdaService {
  function find(nameOrArn: string): { name: string; spec: FunctionSpec } {
    const name = logicalFunctionName(nameOrArn);
    const spec = functions[name];
    if (spec !== undefined) return { name, spec };
    throw new WireError(404, "ResourceNotFoundException", `Function not found: ${functionArn(name)}`);
  }

  async function invoke(nameOrArn: string, payload: string): Promise<InvokeResult> {
    const { name, spec } = find(nameOrArn);
    return withinLimit(await runtime.invoke(name, spec, payload));
  }

  const handle: Handle = async (request, response) => {
    const [, encodedName] = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?(?:\?|$)/.exec(request.url ?? "") ?? [];
    if (encodedName === undefined || request.method !== "POST") {
      throw new WireError(404, "UnknownOperationException", "The embedded Lambda knows Invoke only.");
    }
    const { name } = find(decodeURIComponent(encodedName));
    const payload = checkedPayload(await readBody(request, maxPayloadBytes));
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (type === "DryRun") return sendJson(response, 204, undefined);
    if (type === "Event") {
      acceptEvent(name, payload);
      return sendJson(response, 202, undefined);
    }
    sendResult(response, await invoke(name, payload));
  };

  return { invoke, handle };
}

function checkedPayload(body: Buffer): string {
  if (body.length === 0) return "{}";
  const text = body.toString("utf8");
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new WireError(400, "InvalidRequestContentException", "Could not parse request body into json.");
  }
}

function withinLimit(result: InvokeResult): InvokeResult {
  if (!("payload" in result) || Buffer.byteLength(result.payload) <= maxPayloadBytes) return result;
  return {
    requestId: result.requestId,
    error: {
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: `Response payload size exceeded maximum allowed payload size (${maxPayloadBytes} bytes).`,
    },
  };
}

function sendResult(response: Parameters<Handle>[1], result: InvokeResult): void {
  const isError = "error" in result;
  const body = isError ? JSON.stringify(result.error) : result.payload;
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-amzn-requestid": result.requestId,
    "x-amz-executed-version": "$LATEST",
    ...(isError && { "x-amz-function-error": "Unhandled" }),
  });
  response.end(body);
}
