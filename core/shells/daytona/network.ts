import type { Sandbox } from "@daytona/api-client";
import { refused } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import { type Egress, type EgressSupport, egressOf } from "../egress.ts";

/** A rule in the words of Daytona's API; an empty list is none (daytona.io/docs/network-limits). */
export interface NetworkSettings {
  networkBlockAll: boolean;
  networkAllowList: string;
  domainAllowList: string;
}

const support: EgressSupport = { shell: "daytona", keeps: ["closed", "open", "listed"], byDefault: "open" };
const [maxNames, maxRanges] = [20, 10];
/** Daytona takes neither underscores nor a last part with digits, nor a wildcard below nothing. */
const takenName = /^(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}$/;

/** The rule of the settings. Throws a refusal for a list that Daytona's API would not take. */
export function daytonaEgress(values: Settings): Egress {
  const egress = egressOf(values, support);
  const problem = egress.kind === "listed" ? problemOf(egress) : undefined;
  if (problem === undefined) return egress;
  throw refused(
    `The shell “daytona” cannot keep this list (TALARIA_SHELL_NETWORK): ${problem}. The shells local and modal can (TALARIA_SHELL).`,
    { code: "shell.egress" },
  );
}

function problemOf({ names, ranges }: Egress & { kind: "listed" }): string | undefined {
  if (names.length > 0 && ranges.length > 0) return "Daytona takes names or IP ranges, not both";
  if (names.length > maxNames) return `Daytona takes ${maxNames} names at most`;
  if (ranges.length > maxRanges) return `Daytona takes ${maxRanges} IP ranges at most`;
  const strange = names.find((name) => !takenName.test(name)) ?? ranges.find((range) => range.includes(":"));
  return strange === undefined ? undefined : `Daytona does not take ${strange}`;
}

export const networkOf = (egress: Egress): NetworkSettings => ({
  networkBlockAll: egress.kind === "closed",
  networkAllowList: egress.kind === "listed" ? egress.ranges.join(",") : "",
  domainAllowList: egress.kind === "listed" ? egress.names.join(",") : "",
});

/** Whether a sandbox may reach what the settings say; in lists neither order nor spaces count. */
export function hasNetwork(sandbox: Partial<Pick<Sandbox, keyof NetworkSettings>>, wanted: NetworkSettings): boolean {
  const entriesOf = (list: string | undefined) =>
    (list ?? "")
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean)
      .sort()
      .join();
  const isSame = (name: "networkAllowList" | "domainAllowList") => entriesOf(sandbox[name]) === entriesOf(wanted[name]);
  return (
    (sandbox.networkBlockAll ?? false) === wanted.networkBlockAll &&
    isSame("networkAllowList") &&
    isSame("domainAllowList")
  );
}
