/** What commands may reach over the network: one setting, read the same way for every shell. */
import { isIP } from "node:net";
import { refused } from "../base/errors.ts";
import { optionalSetting, type Settings, type SettingSpec } from "../base/settings.ts";

export type Egress =
  | { kind: "closed" }
  | { kind: "open" }
  | {
      kind: "listed";
      /** In lower case. `*.example.org` stands for all names below example.org, not for that name itself. */
      names: readonly string[];
      /** IP ranges as in 10.1.0.0/16 or fd00::/8. */
      ranges: readonly string[];
    };

/** Which rules a shell can keep. It must refuse the others: no shell may run wider than it was asked to. */
export interface EgressSupport {
  shell: string;
  keeps: readonly Egress["kind"][];
  /** Why it cannot keep the others, as a sentence; required unless it keeps all. */
  because?: string;
  /** What an empty setting means. */
  byDefault: "closed" | "open";
}

const name = "TALARIA_SHELL_NETWORK";
const allowed =
  "Write 0 (nothing), 1 (everything), or a list of names and IP ranges: pypi.org, *.npmjs.org, 10.1.0.0/16";

export const networkSetting: SettingSpec = optionalSetting(
  name,
  "What commands may reach: 0 (nothing), 1 (everything), or a list of names and IP ranges, for example " +
    "pypi.org,*.npmjs.org,10.1.0.0/16 (local, modal, daytona). Default: 0 for local and docker, 1 for the others",
);

/** The rule that a shell has to keep. Throws a refusal for one that it cannot keep, and for what is no rule. */
export function egressOf(values: Settings, { shell, keeps, because, byDefault }: EgressSupport): Egress {
  const value = values[name]?.trim();
  const egress: Egress = value ? parseEgress(value) : { kind: byDefault };
  if (keeps.includes(egress.kind)) return egress;
  const able = egress.kind === "listed" ? "local, modal and daytona" : "local, docker, modal and daytona";
  throw refused(
    `The shell “${shell}” cannot keep ${name}=${value ?? ""}: ${because ?? ""} The shells ${able} can (TALARIA_SHELL).`,
    { code: "shell.egress" },
  );
}

export function parseEgress(value: string): Egress {
  if (value === "0") return { kind: "closed" };
  if (value === "1") return { kind: "open" };
  const entries = value.split(",").map((entry) => entry.trim());
  const isRange = (entry: string) => entry.includes("/") || isIP(entry) > 0;
  for (const entry of entries) {
    const problem = isRange(entry) ? problemOfRange(entry) : problemOfName(entry);
    if (problem !== undefined) throw refused(`${name}: ${problem}. ${allowed}.`, { code: "shell.egress" });
  }
  const unique = [...new Set(entries.map((entry) => entry.toLowerCase()))];
  return {
    kind: "listed",
    names: unique.filter((entry) => !isRange(entry)),
    ranges: unique.filter(isRange),
  };
}

const label = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
/** At least one dot, and a last part that is not a number: else it would be an address that somebody mistyped. */
const hostName = new RegExp(`^(?:\\*\\.)?(?:${label}\\.)*(?!\\d+$)${label}$`);
const maxNameLength = 253;

function problemOfName(entry: string): string | undefined {
  if (entry === "") return "an entry of the list is empty";
  if (entry === "0" || entry === "1" || entry === "*") return `“${entry}” cannot be one of several entries`;
  const host = entry.toLowerCase();
  if (/^[\w.*-]+:\d+$/.test(host)) return `“${entry}” names a port; a name stands for its ports 80 and 443`;
  const isName = host.length <= maxNameLength && host.includes(".") && hostName.test(host);
  return isName ? undefined : `“${entry}” is neither a name nor an IP range`;
}

/** Wider ones would hold several private networks, or most of the internet. */
const leastPrefix = { 4: 8, 6: 7 } as const;

function problemOfRange(entry: string): string | undefined {
  const [address = "", prefix, ...rest] = entry.split("/");
  const version = isIP(address);
  if ((version !== 4 && version !== 6) || address.includes("%") || rest.length > 0)
    return `“${entry}” is neither a name nor an IP range`;
  const size = version === 4 ? 32 : 128;
  if (prefix === undefined) return `“${entry}” is an address; as a range it is ${address}/${size}`;
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > size) return `“${entry}” has no length from 0 to ${size}`;
  if (Number(prefix) < leastPrefix[version]) return `“${entry}” is wider than /${leastPrefix[version]}`;
  const hostBits = (1n << BigInt(size - Number(prefix))) - 1n;
  if ((numberOf(address) & hostBits) !== 0n) return `“${entry}” is not the first address of its range`;
  return undefined;
}

function numberOf(address: string): bigint {
  if (isIP(address) === 4) return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  // As a host it is written in one way: hexadecimal, with :: for the longest row of zeros.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill("0");
  return [...groups(head), ...zeros, ...groups(tail)].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** Whether a name, in lower case, is on the list. */
export const isListed = (name: string, { names }: Egress & { kind: "listed" }): boolean =>
  names.some((entry) => (entry.startsWith("*.") ? name.endsWith(entry.slice(1)) : name === entry));

/** For the operator, in the summary of a shell. */
export function summaryOfEgress(egress: Egress): string {
  if (egress.kind === "closed") return "no network";
  if (egress.kind === "open") return "with network";
  return `network: ${entriesOf(egress).join(", ")}`;
}

/** Sentence for the model. `names` says by which ports names are reached where these are not the usual two. */
export function describeEgress(egress: Egress, names = "names on the ports 80 and 443"): string {
  if (egress.kind === "closed") return "There is no network.";
  if (egress.kind === "open") return "The network is open.";
  return `Of the network only this may be reached: ${entriesOf(egress).join(", ")} (${names}).`;
}

const entriesOf = ({ names, ranges }: Egress & { kind: "listed" }) => [...names, ...ranges];
