import type { IncomingMessage } from "node:http";

export interface CounterSnapshot {
  /** Requests that reached a service over the wire, by service and operation: `dynamodb.PutItem`. */
  calls: Record<string, number>;
  /** Bytes of request bodies, by the same names. */
  requestBytes: Record<string, number>;
}

/** Counts what a bill would count. Reading it costs nothing that matters, so benchmarks subtract two snapshots. */
export interface Counters {
  call(service: string, operation: string, request: IncomingMessage): void;
  snapshot(): CounterSnapshot;
}

/** The length of a body as its sender declared it: the SDKs always do, for streams in `x-amz-decoded-content-length`. */
const declaredBytes = ({ headers }: IncomingMessage): number =>
  Number(headers["x-amz-decoded-content-length"] ?? headers["content-length"] ?? 0);

export function createCounters(): Counters {
  const calls = new Map<string, number>();
  const requestBytes = new Map<string, number>();
  const add = (map: Map<string, number>, name: string, amount: number) => map.set(name, (map.get(name) ?? 0) + amount);
  return {
    call(service, operation, request) {
      const name = `${service}.${operation}`;
      add(calls, name, 1);
      add(requestBytes, name, declaredBytes(request));
    },
    snapshot: () => ({
      calls: Object.fromEntries(calls),
      requestBytes: Object.fromEntries(requestBytes),
    }),
  };
}

/** What happened between two snapshots; names without a change are left out. */
export function difference(after: CounterSnapshot, before: CounterSnapshot): CounterSnapshot {
  const subtract = (kind: "calls" | "requestBytes") =>
    Object.fromEntries(
      Object.entries(after[kind])
        .map(([name, amount]) => [name, amount - (before[kind][name] ?? 0)] as const)
        .filter(([, amount]) => amount !== 0),
    );
  return {
    calls: subtract("calls"),
    requestBytes: subtract("requestBytes"),
  };
}

/** The operation that a JSON-RPC service (DynamoDB, Step Functions) was asked for: the part after the dot. */
export const targetOperation = (request: IncomingMessage): string =>
  String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "unknown";

/** The operation of an S3 request, from its method and query. Source: Amazon S3 API reference. */
export function s3Operation(request: IncomingMessage): string {
  const url = new URL(request.url ?? "/", "http://s3");
  const isObject = url.pathname.split("/").length > 2 && !url.pathname.endsWith("/");
  if (request.method === "POST" && url.searchParams.has("delete")) return "DeleteObjects";
  if (request.method === "GET" && !isObject) return url.pathname === "/" ? "ListBuckets" : "ListObjectsV2";
  if (request.method === "PUT" && isObject && request.headers["x-amz-copy-source"] !== undefined) return "CopyObject";
  const verb = { GET: "Get", PUT: isObject ? "Put" : "Create", HEAD: "Head", DELETE: "Delete" }[request.method ?? ""];
  return verb === undefined ? "unknown" : `${verb}${isObject ? "Object" : "Bucket"}`;
}
