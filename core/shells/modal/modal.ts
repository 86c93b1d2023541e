import { refused } from "../../base/errors.ts";
import { missingSettings, optionalSetting, type Settings } from "../../base/settings.ts";
import { describeEgress, type EgressSupport, egressOf, networkSetting, summaryOfEgress } from "../egress.ts";
import { checkedWorkspaceId, remoteWorkspace } from "../remote.ts";
import { defineShell, type ShellBackend, type ShellPorts } from "../shell.ts";
import { maxLifetimeMs, openModal } from "./account.ts";
import { execIn } from "./exec.ts";
import { acquireSandbox, hibernateSandbox } from "./lifecycle.ts";

/** As the docker shell's: Python, git, a compiler and curl on Debian. */
const defaultImage = "python:3.13-bookworm";
const home = "/root";

const settings = [
  {
    name: "MODAL_TOKEN_ID",
    required: true,
    secret: false,
    help: "Of a Modal token (modal.com/settings/tokens): begins with ak-.",
  },
  { name: "MODAL_TOKEN_SECRET", required: true, secret: true, help: "Of the same token: begins with as-." },
  optionalSetting("TALARIA_MODAL_APP", "The Modal app of the sandboxes, created when missing. Default: talaria."),
  optionalSetting(
    "TALARIA_MODAL_IMAGE",
    `Image of new workspaces; it needs bash, coreutils, grep and util-linux. Default: ${defaultImage}.`,
  ),
  optionalSetting("TALARIA_MODAL_CPU", "CPU cores that are reserved, 0.5 say. Default: Modal's."),
  optionalSetting("TALARIA_MODAL_MEMORY_MB", "Memory that is reserved, in MiB. Default: Modal's."),
  networkSetting,
  optionalSetting("MODAL_SERVER_URL", "Another address of Modal's API, for tests."),
];

/** Commands in a sandbox of Modal's cloud: one per workspace, paid while it is awake, its files kept as a snapshot. */
export const modal = defineShell({
  name: "modal",
  settings,
  summary: async (values) =>
    `sandboxes in the app ${appOf(values)} on Modal, image ${imageOf(values)}, ${summaryOfEgress(egressOf(values, egress))}`,
  connect: async (values, ports) => connect(values, ports),
});

const appOf = (values: Settings) => values["TALARIA_MODAL_APP"] || "talaria";
const imageOf = (values: Settings) => values["TALARIA_MODAL_IMAGE"] || defaultImage;
const egress: EgressSupport = { shell: "modal", keeps: ["closed", "open", "listed"], byDefault: "open" };

async function connect(values: Settings, ports: ShellPorts): Promise<ShellBackend> {
  const missing = missingSettings(settings, values);
  if (missing.length > 0) throw refused(`The modal shell needs ${missing.join(" and ")} (modal.com/settings/tokens).`);
  const network = egressOf(values, egress);
  const account = await openModal({
    tokenId: values["MODAL_TOKEN_ID"] ?? "",
    tokenSecret: values["MODAL_TOKEN_SECRET"] ?? "",
    serverUrl: values["MODAL_SERVER_URL"],
    app: appOf(values),
    image: imageOf(values),
    cpu: positive("TALARIA_MODAL_CPU", values),
    memoryMb: positive("TALARIA_MODAL_MEMORY_MB", values),
    network,
  });
  return {
    description: describe(values),
    async acquire(workspace) {
      const { sandbox, startedAt, notice } = await acquireSandbox({ account, ports }, checkedWorkspaceId(workspace));
      return remoteWorkspace({
        exec: execIn(sandbox, account, ports.clock),
        isIsolated: true,
        folder: home,
        network,
        lifetime: { endsAt: startedAt + maxLifetimeMs, longestMs: maxLifetimeMs },
        ...(notice === undefined ? {} : { notice }),
      });
    },
    hibernate: (workspace) => hibernateSandbox({ account, ports }, checkedWorkspaceId(workspace)),
    renew: (workspace) => hibernateSandbox({ account, ports }, checkedWorkspaceId(workspace)),
    close: async () => account.close(),
  };
}

function positive(name: string, values: Settings): number | undefined {
  const value = values[name];
  if (!value) return undefined;
  if (Number(value) > 0) return Number(value);
  throw refused(`${name} must be a number above 0, not ${value}.`);
}

const describe = (values: Settings): string =>
  `A private Linux sandbox in Modal's cloud (image ${imageOf(values)}); you are root, ${home} is your home. All files last, ` +
  "installed packages too, but processes end when the workspace sleeps, and at the latest after a day. " +
  describeEgress(egressOf(values, egress), "names by TLS on port 443 only");
