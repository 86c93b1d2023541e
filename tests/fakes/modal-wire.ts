/** The messages of Modal's protocol, taken from its own client, which has them but does not export them. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import { type CallContext, type CompatServiceDefinition, ServerError, Status } from "nice-grpc";

/** `before` answers without doing the work; `lost` does it and answers with the failure all the same. */
export interface CallFailure {
  status: Status;
  message: string;
  how: "before" | "lost";
}

export interface Service {
  definition: CompatServiceDefinition;
  methods: Record<string, { responseStream: boolean }>;
}

/** Two services: the control plane, and one that each sandbox's machine has. */
interface ModalServices {
  control: Service;
  router: Service;
}

export function modalServices(): ModalServices {
  const path = createRequire(import.meta.url).resolve("modal");
  const source = readFileSync(path, "utf8");
  const ending = `
    const service = (definition) => ({ definition, methods: definition.methods });
    return { control: service(ModalClientDefinition), router: service(TaskCommandRouterDefinition) };`;
  const load = compileFunction(source + ending, ["exports", "require", "module"]);
  return load({}, createRequire(path), { exports: {} });
}

/** What was called, and what the next call of a method is to do instead. */
export interface Journal {
  calls: string[];
  failures: Map<string, CallFailure>;
}

type Handler = (request: never, context: CallContext) => unknown;

/** Every method of a service: those of `handlers`, recorded and able to fail; the others are not implemented. */
export function serviceOf(
  { methods }: Service,
  handlers: Readonly<Record<string, Handler>>,
  journal: Journal,
): Record<string, Handler> {
  const implementation = (name: string): Handler => {
    const handler = handlers[name];
    if (handler === undefined) return notImplemented(name);
    return methods[name]?.responseStream ? handler : recorded(name, handler, journal);
  };
  return Object.fromEntries(Object.keys(methods).map((name) => [name, implementation(name)]));
}

const notImplemented = (name: string) => () => {
  throw new ServerError(Status.UNIMPLEMENTED, `The stand-in has no ${name}`);
};

const recorded =
  (name: string, handler: Handler, { calls, failures }: Journal): Handler =>
  async (request, context) => {
    calls.push(name);
    const failure = failures.get(name);
    failures.delete(name);
    if (failure?.how === "before") throw new ServerError(failure.status, failure.message);
    const answer = await handler(request, context);
    if (failure) throw new ServerError(failure.status, failure.message);
    return answer;
  };
