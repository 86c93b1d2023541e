import { receive } from "../../core/gateway/ingress.ts";
import { readEnvironment } from "../compose/environment.ts";
import { composeIngress } from "../compose/ingress.ts";
import { toHttpResult, toRawRequest } from "./http-event.ts";

const ports = composeIngress(readEnvironment());

/** The function URL that all platforms call: `/webhooks/<platform>`. */
export const handler = async (event: unknown) => toHttpResult(await receive(toRawRequest(event), ports));
