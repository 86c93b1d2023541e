import { refused } from "../../base/errors.ts";
import { missingSettings, type Settings } from "../../base/settings.ts";
import type { Fleet, Place } from "../exec-agent/fleet.ts";
import { type EgressSupport, egressOf, networkSetting } from "../egress.ts";
import { openWorkspaces } from "../exec-agent/workspaces.ts";
import { defineShell, type ShellPorts } from "../shell.ts";
import { openRelay } from "./relay.ts";
import { openTasks } from "./tasks.ts";

const setByDeployment = (name: string, what: string) => ({
  name,
  required: true,
  secret: false,
  help: `${what}; set by the composition root.`,
});

const settings = [
  setByDeployment("TALARIA_ECS_CLUSTER", "Cluster of the shells' tasks"),
  setByDeployment("TALARIA_ECS_TASK", "Task definition whose container carries the exec agent"),
  setByDeployment("TALARIA_ECS_SUBNETS", "Subnets of the tasks, separated by commas"),
  setByDeployment("TALARIA_ECS_SECURITY_GROUP", "Security group of the tasks"),
  setByDeployment("TALARIA_RELAY_FUNCTION", "Function in the tasks' network that speaks to them"),
  networkSetting,
];

const egress: EgressSupport = {
  shell: "ecs",
  keeps: ["open"],
  because: "a task fetches its image over the internet, through a security group that knows no names.",
  byDefault: "open",
};

const description =
  "A Linux container in the cloud with bash, git, Python, Node and an open network; you are an ordinary user, not root. Your home " +
  "lasts and is the only place that does: after some idle minutes the machine is put away, and processes and /tmp end.";

/** Fargate tasks of our own cluster, with our exec agent in each; files are kept in the bucket. */
export const ecs = defineShell({
  name: "ecs",
  settings,
  async summary(values) {
    egressOf(values, egress);
    return "containers on AWS Fargate, one for each workspace, put away when idle";
  },
  async connect(values, ports) {
    egressOf(values, egress);
    const missing = missingSettings(settings, values);
    if (missing.length > 0) throw refused(`The shell “ecs” needs ${missing.join(", ")}: deploy with it.`);
    return openWorkspaces(await openFleet(values, ports), ports);
  },
});

/** A task that is on its way out, in the words of ECS (Amazon ECS guide, "Task lifecycle states"). */
const leaving = new Set(["DEACTIVATING", "STOPPING", "DEPROVISIONING"]);

async function openFleet(values: Settings, { clock }: ShellPorts): Promise<Fleet> {
  const [{ ECSClient }, { LambdaClient }] = await Promise.all([
    import("@aws-sdk/client-ecs"),
    import("@aws-sdk/client-lambda"),
  ]);
  const setting = (name: string) => values[name] ?? "";
  const options = {
    cluster: setting("TALARIA_ECS_CLUSTER"),
    definition: setting("TALARIA_ECS_TASK"),
    subnets: setting("TALARIA_ECS_SUBNETS").split(","),
    securityGroup: setting("TALARIA_ECS_SECURITY_GROUP"),
  };
  const tasks = await openTasks(new ECSClient(), options, clock);
  const relay = await openRelay(new LambdaClient(), setting("TALARIA_RELAY_FUNCTION"));
  const arnOf = ({ task = "" }: Place) => task;
  return {
    description,
    async start(id, token) {
      const task = await tasks.start(id, token);
      return { task, to: await tasks.address(task) };
    },
    exchange: ({ to = "" }, token) => relay({ to, token }),
    async state(place) {
      const status = (await tasks.describe(arnOf(place)))?.lastStatus ?? "STOPPED";
      if (status === "STOPPED" || status === "DELETED") return "gone";
      return leaving.has(status) ? "leaving" : "awake";
    },
    end: (place) => tasks.stop(arnOf(place)),
  };
}
