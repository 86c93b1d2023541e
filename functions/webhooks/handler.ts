import { parseAllowList } from "../../core/gateway/authorise.ts";
import { receive, type IngressPorts } from "../../core/gateway/ingress.ts";
import { openPlatforms } from "../compose/channels.ts";
import { composeDelivery } from "../compose/delivery.ts";
import { readEnvironment } from "../compose/environment.ts";
import { toHttpResult, toRawRequest } from "./http-event.ts";

const environment = readEnvironment();
const { ports, mailbox } = composeDelivery(environment, "webhooks");
const ingress: IngressPorts = {
  ...ports,
  profile: environment.profile,
  allowed: parseAllowList(environment.settings["TALARIA_ALLOWED_USERS"]),
  settings: environment.settings,
  platform: openPlatforms(environment.settings),
  mailbox,
};

/** The function URL that all platforms call: `/webhooks/<platform>`. */
export const handler = async (event: unknown) => toHttpResult(await receive(toRawRequest(event), ingress));
