import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { isPublicAddress } from "../../base/addresses.ts";
import { type Egress, isListed } from "../egress.ts";

export type ListedEgress = Egress & { kind: "listed" };

/** Addresses of a name; tests hand in another one, to be told what no real name says. */
export type Resolve = (name: string) => Promise<string[]>;

export const resolveName: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/** Where a connection may go: to one of these addresses and no other, whatever its name stands for a moment later. */
export type Verdict = { addresses: string[] } | { status: 403 | 502; reason: string };

/** A name stands for what is on the web there, as in the clouds that keep such lists. */
const webPorts = new Set([80, 443]);

/**
 * Decides where a connection may go. A name has to be listed, or it is not even looked up: a look-up alone could carry
 * something out. What it stands for has to be on the public internet or in a listed range, so that no name leads to this
 * machine, its network or the metadata of its cloud.
 */
export function egressRule(egress: ListedEgress, resolve: Resolve = resolveName) {
  const listed = new BlockList();
  for (const range of egress.ranges) {
    const [address = "", prefix] = range.split("/");
    listed.addSubnet(address, Number(prefix), familyOf(address));
  }
  const isInRange = (address: string) => listed.check(address, familyOf(address));

  return async (host: string, port: number): Promise<Verdict> => {
    const name = host.toLowerCase().replace(/\.$/, "");
    if (isIP(name) > 0)
      return isInRange(name) ? { addresses: [name] } : refusedBy(`${name} is in no IP range of the list`);
    if (!isListed(name, egress)) return refusedBy(`${name} is not on the list`);
    const found = await resolve(name).catch(() => []);
    if (found.length === 0) return { status: 502, reason: `${name} could not be looked up` };
    const reachable = found.filter((address) => isPublicAddress(address) || isInRange(address));
    if (reachable.length === 0)
      return refusedBy(
        `${name} stands for ${found.join(", ")}, which is not on the public internet nor in a listed range`,
      );
    const addresses = reachable.filter((address) => webPorts.has(port) || isInRange(address));
    return addresses.length > 0 ? { addresses } : refusedBy(`names stand for the ports 80 and 443, not ${port}`);
  };
}

const familyOf = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
const refusedBy = (reason: string): Verdict => ({ status: 403, reason });
