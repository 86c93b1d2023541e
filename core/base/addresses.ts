import { BlockList, isIP } from "node:net";

/** What is not the public internet (IANA special-purpose address registries, RFC 6890 and its updates). */
const special = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  special.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  // Teredo, benchmarking, ORCHID, documentation and 6to4: they lead to addresses inside of addresses, or nowhere.
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  special.addSubnet(network, bits, "ipv6");

/** All that is handed out of IPv6 for the internet; the rest holds loopback, link-local, private, mapped and multicast. */
const globalIpv6 = new BlockList();
globalIpv6.addSubnet("2000::", 3, "ipv6");

/** Whether an address is on the public internet: not this machine, its network, its cloud's metadata or a special range. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, "ipv4");
  return (
    isIP(address) === 6 &&
    !address.includes("%") &&
    globalIpv6.check(address, "ipv6") &&
    !special.check(address, "ipv6")
  );
}

/** This machine, its network segment, and the ranges of private networks (RFC 1918, RFC 4193): nobody routes them to strangers. */
const near = new BlockList();
for (const [network, bits] of [
  ["10.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  near.addSubnet(network, bits, "ipv4");
near.addAddress("::1", "ipv6");
near.addSubnet("fc00::", 7, "ipv6");
near.addSubnet("fe80::", 10, "ipv6");

/** Whether an address is this machine's own or in a private network. A name is not: who knows where it leads. */
export function isNearAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && near.check(address, version === 4 ? "ipv4" : "ipv6");
}
