import { refused } from "../../base/errors.ts";
import { missingSettings, optionalSetting, type Settings } from "../../base/settings.ts";
import { describeEgress, type Egress, networkSetting, summaryOfEgress } from "../egress.ts";
import { checkedWorkspaceId, remoteWorkspace } from "../remote.ts";
import { defineShell, type Shell, type ShellBackend } from "../shell.ts";
import { type DaytonaAccount, type DaytonaOptions, openDaytona } from "./account.ts";
import { execIn } from "./exec.ts";
import { acquireSandbox, type DaytonaHost, hibernateSandbox } from "./lifecycle.ts";
import { daytonaEgress } from "./network.ts";

const defaultUrl = "https://app.daytona.io/api";
/** Below the home of the sandbox's user, which depends on its snapshot. */
const folder = "~/workspace";

const settings = [
  {
    name: "DAYTONA_API_KEY",
    required: true,
    secret: true,
    help: "Key with the permission to write and delete sandboxes (app.daytona.io/dashboard/keys).",
  },
  optionalSetting("DAYTONA_API_URL", `Daytona's API, where it is your own. Default: ${defaultUrl}.`),
  optionalSetting("DAYTONA_TARGET", "Region of new sandboxes, us or eu. Default: the organisation's."),
  optionalSetting("TALARIA_DAYTONA_SNAPSHOT", "Snapshot that new sandboxes are made from. Default: Daytona's own."),
  networkSetting,
];

/** Commands in a sandbox of Daytona's cloud: one per workspace, stopped while nobody uses it; its disk stays. */
export const daytona = defineShell({
  name: "daytona",
  settings,
  summary: async (values) =>
    `sandboxes of ${snapshotOf(values)} at ${urlOf(values)}, ${summaryOfEgress(daytonaEgress(values))}`,
  connect: connectBy(openDaytona),
});

const urlOf = (values: Settings) => (values["DAYTONA_API_URL"] || defaultUrl).replace(/\/+$/, "");
const snapshotOf = (values: Settings) => values["TALARIA_DAYTONA_SNAPSHOT"] || "Daytona's default snapshot";

/** By our account there, or in a test by one that uses the vendor's SDK. */
export function connectBy(open: (options: DaytonaOptions) => Promise<DaytonaAccount>): Shell["connect"] {
  return async (values, ports) => {
    const missing = missingSettings(settings, values);
    if (missing.length > 0)
      throw refused(`The daytona shell needs ${missing.join(" and ")} (app.daytona.io/dashboard/keys).`);
    const network = daytonaEgress(values);
    const account = await open({
      apiKey: values["DAYTONA_API_KEY"] ?? "",
      apiUrl: urlOf(values),
      target: values["DAYTONA_TARGET"] || undefined,
      snapshot: values["TALARIA_DAYTONA_SNAPSHOT"] || undefined,
      network,
    });
    return backendOf({ account, ports }, network, describe(values));
  };
}

const backendOf = (host: DaytonaHost, network: Egress, description: string): ShellBackend => ({
  description,
  async acquire(workspace) {
    const { sandbox, notice } = await acquireSandbox(host, checkedWorkspaceId(workspace));
    return remoteWorkspace({
      exec: execIn(host.account.machine(sandbox), { apiKey: host.account.apiKey, clock: host.ports.clock }),
      isIsolated: true,
      folder,
      network,
      ...(notice === undefined ? {} : { notice }),
    });
  },
  hibernate: (workspace) => hibernateSandbox(host, checkedWorkspaceId(workspace)),
});

const describe = (values: Settings): string =>
  `A private Linux sandbox in Daytona's cloud (${snapshotOf(values)}), with up to 10 GB of disk. ${folder} is your home. ` +
  "All files last, but processes end when the workspace sleeps. " +
  describeEgress(daytonaEgress(values));
