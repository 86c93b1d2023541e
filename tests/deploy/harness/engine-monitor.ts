/** The half of the engine that the program talks to: it registers resources and asks data sources. */
import { askAws } from "./aws-data-sources.ts";
import { created } from "./aws-outputs.ts";
import type { EngineEvents } from "./engine-events.ts";
import type { Protocol, Service } from "./engine-protocol.ts";
import type { Graph, GraphResource, Values } from "./graph.ts";

/** Optional parts of the protocol that the stand-in leaves out; without them the program falls back to older ways. */
const leftOut = new Set(["outputValues", "transforms", "invokeTransforms"]);

export interface MonitorOptions {
  protocol: Protocol;
  events: EngineEvents;
  graph: Graph;
  app: string;
  stage: string;
  /** Nothing is created: computed values stay unknown, as in a first real preview. */
  isPreview: boolean;
}

interface Identity {
  parent: string;
  type: string;
  name: string;
}

/** A type's chain of parents is part of a resource's name (Pulumi docs, "URNs"). */
function urnOf({ parent, type, name }: Identity, { app, stage }: Pick<MonitorOptions, "app" | "stage">): string {
  const parentType = parent.split("::")[2];
  const chain = parentType && parentType !== "pulumi:pulumi:Stack" ? `${parentType}$${type}` : type;
  return `urn:pulumi:${stage}::${app}::${chain}::${name}`;
}

export function monitorService(options: MonitorOptions): Service {
  const { protocol, graph } = options;
  const { message, values } = protocol;
  const empty: Service[string] = (_call, answer) => answer(null, message("Empty"));
  return {
    supportsFeature: ({ request }, answer) =>
      answer(null, message("SupportsFeatureResponse", { Hassupport: !leftOut.has(String(request["getId"]?.())) })),
    invoke: ({ request }, answer) => {
      const token = String(request["getTok"]?.());
      const inputs = values(request["getArgs"]?.());
      const result = askAws(token, inputs);
      if (!result) graph.unknownCalls.push(token);
      answer(null, message("InvokeResponse", { Return: protocol.struct(result ?? inputs) }));
    },
    registerResource: ({ request }, answer) => {
      try {
        const { urn, id, outputs } = register(request, options);
        answer(null, message("RegisterResourceResponse", { Urn: urn, Id: id, Object: protocol.struct(outputs) }));
      } catch (error) {
        // The real engine says by itself what it refuses; the program only ends.
        const { message: reason } = error as Error;
        graph.errors.push(reason);
        options.events.diagnostic("", reason, "error");
        answer(error as Error);
      }
    },
    registerResourceOutputs: ({ request }, answer) => {
      const resource = graph.resources.find(({ urn }) => urn === request["getUrn"]?.());
      if (resource) {
        resource.outputs = values(request["getOutputs"]?.());
        resource.inState = { ...resource.inState, outputs: protocol.masked(request["getOutputs"]?.()) };
        options.events.created(resource, options.isPreview);
      }
      answer(null, message("Empty"));
    },
    // Only resources that exist already are read; a first deployment has none.
    readResource: ({ request }, answer) => {
      graph.unknownCalls.push(`read ${String(request["getType"]?.())}`);
      answer(new Error("the stand-in engine has no resource to read"));
    },
    registerPackage: (_call, answer) => answer(null, message("RegisterPackageResponse", { Ref: "stand-in" })),
    registerStackTransform: empty,
    registerStackInvokeTransform: empty,
    registerResourceHook: empty,
    signalAndWaitForShutdown: empty,
  };
}

type Request = Parameters<Service[string]>[0]["request"];

function register(request: Request, options: MonitorOptions) {
  const { protocol, events, graph, isPreview } = options;
  const text = (accessor: string) => (request[accessor]?.() ?? "") as string;
  const identity = { parent: text("getParent"), type: text("getType"), name: text("getName") };
  const urn = urnOf(identity, options);
  if (graph.resources.some((resource) => resource.urn === urn))
    throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
  const isCustom = Boolean(request["getCustom"]?.());
  const inputs = protocol.values(request["getObject"]?.());
  const { id, outputs } = answerFor({ ...identity, inputs }, { isCustom, isPreview });
  const resource: GraphResource = {
    urn,
    type: identity.type,
    name: identity.name,
    isCustom,
    inputs,
    outputs,
    inState: { inputs: protocol.masked(request["getObject"]?.()) },
    ...(identity.parent && { parent: identity.parent }),
    protect: Boolean(request["getProtect"]?.()),
    retainOnDelete: Boolean(request["getRetainondelete"]?.()),
  };
  graph.resources.push(resource);
  events.creating(resource, isPreview);
  if (isCustom) events.created(resource, isPreview);
  return { urn, id, outputs };
}

function answerFor(
  creation: { type: string; name: string; inputs: Values },
  { isCustom, isPreview }: { isCustom: boolean; isPreview: boolean },
): { id: string; outputs: Values } {
  if (!isCustom) return { id: "", outputs: {} };
  return isPreview ? { id: "", outputs: creation.inputs } : created(creation);
}
