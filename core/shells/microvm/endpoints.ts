import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { unreachable, type AgentRequest, type Exchange } from "../exec-agent/client.ts";
import { agentHeader, agentPort } from "../exec-agent/protocol.ts";
import { passMinutes } from "./microvms.ts";

interface Pass {
  headers: Record<string, string>;
  until: number;
}

export interface EndpointTarget {
  vm: string;
  /** A host name, as AWS gives it, or a whole address. */
  endpoint: string;
  token: string;
}

/** A pass is not used in the last minutes of its time. */
const reserveMs = 5 * 60_000;
/** Longer than an agent keeps an exchange open, and than a machine needs to wake. */
const silenceMs = 60_000;

/** Exchanges by way of a machine's own HTTPS endpoint; AWS lets nobody through without a pass of this account's. */
export function openEndpoints(authorise: (vm: string) => Promise<Record<string, string>>, clock: Clock) {
  const passes = new Map<string, Pass>();

  async function passFor(vm: string): Promise<Record<string, string>> {
    const known = passes.get(vm);
    if (known && known.until > clock.now()) return known.headers;
    const until = clock.now() + passMinutes * 60_000 - reserveMs;
    const headers = await authorise(vm);
    passes.set(vm, { headers, until });
    return headers;
  }

  async function ask({ vm, endpoint, token }: EndpointTarget, { method, path, body }: AgentRequest): Promise<Response> {
    const address = endpoint.includes("://") ? endpoint : `https://${endpoint}`;
    const headers = {
      ...(await passFor(vm)),
      "x-aws-proxy-port": String(agentPort),
      authorization: `Bearer ${token}`,
    };
    const signal = AbortSignal.timeout(silenceMs);
    // A redirect would carry the pass elsewhere.
    const request: RequestInit = {
      method,
      headers,
      signal,
      redirect: "error",
      ...(body && { body: new Uint8Array(body) }),
    };
    try {
      return await fetch(`${address}${path}`, request);
    } catch (error) {
      throw unreachable(messageOf(error), error);
    }
  }

  const exchange =
    (target: EndpointTarget): Exchange =>
    async (request) => {
      const answer = await ask(target, request);
      if (answer.headers.has(agentHeader)) {
        const body = await answer.arrayBuffer().catch((error: unknown) => {
          throw unreachable(messageOf(error), error);
        });
        return { status: answer.status, body: new Uint8Array(body) };
      }
      // The endpoint itself speaks: the pass may have expired, the machine may be on its way.
      await answer.body?.cancel();
      passes.delete(target.vm);
      throw unreachable(`its endpoint says ${answer.status}`);
    };

  return { exchange };
}
