/** Where the engine listens: `DOCKER_HOST`, as the docker command understands it. */
import { isNearAddress } from "../../base/addresses.ts";
import { refused } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import { tlsNames, tlsSourceOf } from "./certificates.ts";

export type EngineAddress =
  | { kind: "socket"; path: string }
  | { kind: "tcp"; protocol: "http" | "https"; hostname: string; port: string };

const defaultSocket = "unix:///var/run/docker.sock";
const plainPort = "2375";
const tlsPort = "2376";

/** Throws a refusal for what is no address, and for one that strangers could use as well as we. */
export function engineAddress(settings: Settings): EngineAddress {
  const host = settings["DOCKER_HOST"] || defaultSocket;
  if (host.startsWith("unix://")) return { kind: "socket", path: host.slice("unix://".length) };
  const url = URL.parse(host);
  if (url?.protocol !== "tcp:" && url?.protocol !== "https:")
    throw refused("DOCKER_HOST must begin with unix://, tcp:// or https://. For a machine over ssh use the ssh shell.");
  const { hostname } = url;
  if (tlsSourceOf(settings) !== undefined)
    return { kind: "tcp", protocol: "https", hostname, port: url.port || (url.protocol === "tcp:" ? tlsPort : "443") };
  if (url.protocol === "https:") throw refused(`DOCKER_HOST=https://… needs certificates. Set ${tlsNames}.`);
  if (!isNear(hostname)) throw refused(plainAddress(url.host));
  return { kind: "tcp", protocol: "http", hostname, port: url.port || plainPort };
}

const isNear = (hostname: string): boolean =>
  hostname === "localhost" || isNearAddress(hostname.replace(/^\[|\]$/g, ""));

const plainAddress = (host: string) =>
  `DOCKER_HOST=tcp://${host} is without TLS, and neither this machine nor an address of a private network: whoever finds ` +
  `an engine that is open like that is root there. Protect it (https://docs.docker.com/engine/security/protect-access/) ` +
  `and set ${tlsNames}; or use the ssh shell.`;

/** For the operator. */
export const summaryOfAddress = (address: EngineAddress, settings: Settings): string => {
  if (!settings["DOCKER_HOST"]) return "the local Docker engine";
  return `${settings["DOCKER_HOST"]}${address.kind === "tcp" && address.protocol === "https" ? " over TLS" : ""}`;
};
