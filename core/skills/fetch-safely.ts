/** Fetches what a person named, without letting the name lead into our own network. */
import { lookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { messageOf, refused, retryable } from "../base/errors.ts";
import { isPublicAddress } from "../base/addresses.ts";

/** What may be reached, and how names become addresses; tests hand in another one to reach loopback. */
export interface Network {
  resolve(host: string): Promise<string[]>;
  /** Asked for every address before it is contacted, also after a redirect. */
  mayContact(target: { protocol: string; address: string; port: number }): boolean;
}

export const publicNetwork: Network = {
  resolve: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  mayContact: ({ protocol, address, port }) => protocol === "https:" && port === 443 && isPublicAddress(address),
};

export interface FetchOptions {
  maxBytes: number;
  /** For the whole exchange with its redirects. */
  timeoutMs?: number;
  network?: Network;
}

const maxRedirects = 5;
const secretParameter = /token|secret|passw|signature|credential|api[-_]?key|^sig$|^key$/i;

/**
 * The body at an address. Each host is resolved once, all of its addresses have to be allowed, and the connection goes
 * to the one that was checked; a redirect is checked anew. Throws a refusal for what is not allowed.
 */
export async function fetchSafely(address: string, options: FetchOptions): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(options.timeoutMs ?? 30_000);
  let url = parseUrl(address);
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const answer = await open(url, options.network ?? publicNetwork, signal);
    const status = answer.statusCode ?? 0;
    const location = answer.headers.location;
    if (status === 200) return read(answer, options.maxBytes, url);
    answer.destroy();
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) throw unexpected(url, status);
    url = parseUrl(location, url);
  }
  throw refused(`${url.hostname} redirects too often.`, { code: "fetch.redirects" });
}

const unexpected = (url: URL, status: number) =>
  status >= 500 || status === 429
    ? retryable(`${url.hostname} answered ${status}.`, { code: "fetch.status" })
    : refused(`${url.hostname} answered ${status}: there is nothing to fetch.`, { code: "fetch.status" });

function parseUrl(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href);
  if (!url || !/^https?:$/.test(url.protocol)) throw refused("That is not a web address.", { code: "fetch.address" });
  if (
    url.username !== "" ||
    url.password !== "" ||
    [...url.searchParams.keys()].some((name) => secretParameter.test(name))
  )
    throw refused("An address with a secret in it is not fetched.", { code: "fetch.secret" });
  return url;
}

/** The one address to connect to, when all that the host stands for are allowed. */
async function addressOf(url: URL, network: Network): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) > 0 ? [host] : await resolve(host, network);
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const [first] = addresses;
  const areAllowed = addresses.every((address) => network.mayContact({ protocol: url.protocol, address, port }));
  if (first === undefined || !areAllowed)
    throw refused(`${url.protocol}//${url.host} may not be contacted: only public https addresses are.`, {
      code: "fetch.blocked",
    });
  return first;
}

async function resolve(host: string, network: Network): Promise<string[]> {
  try {
    return await network.resolve(host);
  } catch (error) {
    throw refused(`The name ${host} could not be looked up.`, { cause: error, code: "fetch.name" });
  }
}

async function open(url: URL, network: Network, signal: AbortSignal): Promise<IncomingMessage> {
  const address = await addressOf(url, network);
  const pinned: LookupFunction = (_host, { all }, done) => {
    const family = isIP(address);
    if (all) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = { "user-agent": "talaria", accept: "*/*", "accept-encoding": "identity" };
    request(url, { lookup: pinned, agent: false, signal, headers }, resolve)
      .on("error", (error) => reject(failed(url, error)))
      .end();
  });
}

const failed = (url: URL, error: unknown) =>
  retryable(`${url.hostname} could not be reached: ${messageOf(error)}`, { cause: error, code: "fetch.failed" });

async function read(answer: IncomingMessage, maxBytes: number, url: URL): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw failed(url, error);
  }
  if (size > maxBytes)
    throw refused(`What ${url.hostname} sends is over ${maxBytes.toLocaleString("en")} bytes.`, {
      code: "fetch.large",
    });
  return Buffer.concat(chunks);
}
