/**
 * Pulumi's gRPC protocol, from the packages that `sst install` put beside the program: they must be the very ones that
 * the program uses, so they are found from there and typed here, as far as the engine needs them.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Values } from "./graph.ts";

/** A protobuf message: getters and setters by name. */
interface Message {
  [accessor: string]: (value?: unknown) => unknown;
}

type MessageClass = new () => Message;

/** Answers a call; an error goes back to the program as the reason of its failure. */
export type Answer = (error: Error | null, response?: Message) => void;
type Method = (call: { request: Message }, answer: Answer) => void;
export type Service = Record<string, Method>;

interface GrpcServer {
  addService(definition: unknown, service: Service): void;
  bindAsync(address: string, credentials: unknown, bound: (error: Error | null, port: number) => void): void;
  forceShutdown(): void;
}

interface Grpc {
  Server: new (options: Record<string, number>) => GrpcServer;
  ServerCredentials: { createInsecure(): unknown };
}

/** Marks a secret on the wire; its value is beside it (Pulumi, sdk/nodejs/runtime/rpc.ts). */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

type Reveal = (marked: unknown) => unknown;

/** Replaces what is marked as a secret, wherever it is, by what `reveal` makes of its value. */
function withoutMarks(value: unknown, reveal: Reveal): unknown {
  if (Array.isArray(value)) return value.map((member) => withoutMarks(member, reveal));
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Values;
  if (fields[signatureKey] === secretSignature) return reveal(fields["value"]);
  return Object.fromEntries(Object.entries(fields).map(([name, member]) => [name, withoutMarks(member, reveal)]));
}

/** What AWS is told. */
const open: Reveal = (marked) => withoutMarks(marked, open);
/** What the state file shows, where Pulumi encrypts secrets. */
const masked: Reveal = () => "[secret]";

/** A received struct as plain values. */
function plain(struct: unknown, reveal: Reveal): Values {
  const received = (struct as { toJavaScript(): Values } | undefined)?.toJavaScript() ?? {};
  return withoutMarks(received, reveal) as Values;
}

export type Protocol = ReturnType<typeof loadProtocol>;

/** @param platform the folder `.sst/platform` */
export function loadProtocol(platform: string) {
  const load = createRequire(join(platform, "package.json"));
  const proto = (name: string) => load(`@pulumi/pulumi/proto/${name}_pb.js`) as Record<string, MessageClass>;
  const service = (name: string) => load(`@pulumi/pulumi/proto/${name}_grpc_pb.js`) as Record<string, unknown>;
  const { Struct } = load("google-protobuf/google/protobuf/struct_pb.js") as {
    Struct: { fromJavaScript(value: Values): unknown };
  };
  const { Empty } = load("google-protobuf/google/protobuf/empty_pb.js") as Record<string, MessageClass>;
  const messages = { ...proto("resource"), ...proto("provider"), ...proto("engine"), Empty };
  const grpc = load("@grpc/grpc-js") as Grpc;

  return {
    /** A message of this class with these fields, by the names of its setters without `set`. */
    message(className: string, fields: Values = {}): Message {
      const MessageOfClass = (messages as Record<string, MessageClass | undefined>)[className];
      if (!MessageOfClass) throw new Error(`Pulumi has no message ${className}`);
      const message = new MessageOfClass();
      for (const [name, value] of Object.entries(fields)) message[`set${name}`]?.(value);
      return message;
    },
    /** A struct to send; what is undefined falls away. */
    struct: (values: Values) => Struct.fromJavaScript(JSON.parse(JSON.stringify(values)) as Values),
    values: (struct: unknown): Values => plain(struct, open),
    masked: (struct: unknown): Values => plain(struct, masked),
    /** The file with which Pulumi runs a program in Node. */
    runner: load.resolve("@pulumi/pulumi/cmd/run/index.js"),
    serveMonitor: (methods: Service) => serve(grpc, service("resource")["ResourceMonitorService"], methods),
    serveEngine: (methods: Service) => serve(grpc, service("engine")["EngineService"], methods),
  };
}

/** Messages carry whole policies and definitions. */
const maxBytes = 256 * 1024 * 1024;

function serve(grpc: Grpc, definition: unknown, methods: Service): Promise<{ address: string; close(): void }> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxBytes,
    "grpc.max_send_message_length": maxBytes,
  });
  server.addService(definition, methods);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve({ address: `127.0.0.1:${port}`, close: () => server.forceShutdown() });
    });
  });
}
