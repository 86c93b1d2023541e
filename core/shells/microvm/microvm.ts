import { refused } from "../../base/errors.ts";
import { missingSettings } from "../../base/settings.ts";
import type { Fleet, Place } from "../exec-agent/fleet.ts";
import { type EgressSupport, egressOf, networkSetting } from "../egress.ts";
import { openWorkspaces } from "../exec-agent/workspaces.ts";
import { defineShell, type ShellPorts } from "../shell.ts";
import { openEndpoints } from "./endpoints.ts";
import { openMicrovms } from "./microvms.ts";

const settings = [
  {
    name: "TALARIA_MICROVM_IMAGE",
    required: true,
    secret: false,
    help: "ARN of the MicroVM image with the exec agent; set by the composition root.",
  },
  networkSetting,
];

/** An egress connector could route it through a VPC, which would need a NAT gateway of its own to reach anything. */
const egress: EgressSupport = {
  shell: "microvm",
  keeps: ["open"],
  because: "AWS gives its machines the whole internet.",
  byDefault: "open",
};

const description =
  "A Linux virtual machine in the cloud with bash, git, Python, Node and an open network; you are an ordinary user, not root. When " +
  "idle it sleeps with its processes and wakes as it was. It lives eight hours at most: then processes and /tmp end, and only your home goes on.";

/** AWS Lambda MicroVMs with our exec agent in each: idle ones sleep with memory and disk, and cost next to nothing. */
export const microvm = defineShell({
  name: "microvm",
  settings,
  async summary(values) {
    egressOf(values, egress);
    return "virtual machines of AWS Lambda MicroVMs, one for each workspace, asleep when idle";
  },
  async connect(values, ports) {
    egressOf(values, egress);
    const missing = missingSettings(settings, values);
    if (missing.length > 0) throw refused(`The shell “microvm” needs ${missing.join(", ")}: deploy with it.`);
    return openWorkspaces(await openFleet(values["TALARIA_MICROVM_IMAGE"] ?? "", ports), ports);
  },
});

async function openFleet(image: string, { clock }: ShellPorts): Promise<Fleet> {
  const { LambdaMicrovmsClient } = await import("@aws-sdk/client-lambda-microvms");
  const vms = await openMicrovms(new LambdaMicrovmsClient(), image);
  const endpoints = openEndpoints(vms.authorise, clock);
  const lifeMs = vms.lifeSeconds * 1000;
  const idOf = ({ vm = "" }: Place) => vm;
  return {
    description,
    // The agent in the image knows no token: the first one that calls it, with a pass of AWS's, is the one.
    async start(id) {
      const startedAt = String(clock.now());
      return { ...(await vms.run(id)), startedAt };
    },
    exchange: (place, token) => endpoints.exchange({ vm: idOf(place), endpoint: place["endpoint"] ?? "", token }),
    state: (place) => vms.state(idOf(place)),
    end: (place) => vms.terminate(idOf(place)),
    sleep: (place) => vms.suspend(idOf(place)),
    wake: (place) => vms.resume(idOf(place)),
    lifetime: ({ startedAt }) => ({ endsAt: Number(startedAt) + lifeMs, longestMs: lifeMs }),
  };
}
