import type { Counters } from "./counters.ts";
import { s3Operation, targetOperation } from "./counters.ts";
import { wireRefusal, type Access } from "./guard.ts";
import { listen, sendJsonError, serve, WireError, type Handle, type RunningServer } from "./wire.ts";
import type { IncomingMessage } from "node:http";

export type ServiceName = "dynamodb" | "s3" | "sfn" | "lambda" | "scheduler";

const schedulerOperations: Record<string, string> = { POST: "Create", PUT: "Update", GET: "Get", DELETE: "Delete" };

function schedulerOperation({ method = "GET", url = "/" }: IncomingMessage): string {
  const [, kind, name] = (url.split("?")[0] ?? "").split("/");
  const noun = kind === "schedule-groups" ? "ScheduleGroup" : "Schedule";
  return name === undefined ? `List${noun}s` : `${schedulerOperations[method] ?? "unknown"}${noun}`;
}

const operationOf: Record<ServiceName, (request: IncomingMessage) => string> = {
  dynamodb: targetOperation,
  s3: s3Operation,
  sfn: targetOperation,
  lambda: () => "Invoke",
  scheduler: schedulerOperation,
};

export interface WireServices {
  /** Puts the guard and the counters in front of a service. */
  wrap: (name: ServiceName, handle: Handle) => Handle;
  /** Opens a port of its own for a service, on the loopback address. */
  open: (name: ServiceName, handle: Handle) => Promise<RunningServer>;
}

/** Where IAM has another name. Source: Service Authorization Reference. */
const iamServices: Partial<Record<ServiceName, string>> = { sfn: "states" };
const iamOperations: Record<string, string> = {
  Invoke: "InvokeFunction",
  HeadObject: "GetObject",
  ListObjectsV2: "ListBucket",
};

const actionOf = (service: ServiceName, operation: string): string =>
  `${iamServices[service] ?? service}:${iamOperations[operation] ?? operation}`;

export function createWireServices(access: Access, counters: Counters): WireServices {
  const wrap: WireServices["wrap"] = (name, handle) => (request, response) => {
    const operation = operationOf[name](request);
    const refusal = wireRefusal(request, actionOf(name, operation), access);
    if (refusal !== undefined) {
      return sendJsonError(request, response, new WireError(403, "AccessDeniedException", refusal));
    }
    counters.call(name, operation, request);
    return handle(request, response);
  };
  return { wrap, open: (name, handle) => listen(serve(wrap(name, handle)), 0) };
}
