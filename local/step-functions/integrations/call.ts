import { runtimeError } from "../errors.ts";
import type { CallIntegration, Integration } from "./integration.ts";

/** The first integration that handles a resource makes the call. */
export const callFirst =
  (integrations: readonly Integration[]): CallIntegration =>
  (call) => {
    const integration = integrations.find((candidate) => candidate.handles(call.resource));
    if (!integration) throw runtimeError(`The embedded Step Functions cannot call the resource '${call.resource}'.`);
    return integration.call(call);
  };
