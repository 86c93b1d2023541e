import { jobNews } from "../../core/turn/job-news.ts";
import type { UpkeepPorts } from "../../core/turn/shell-upkeep.ts";
import { composeDelivery } from "./delivery.ts";
import type { Environment } from "./environment.ts";
import { sdkAws } from "./sdk-aws.ts";
import { composeShell } from "./shell.ts";

/** What looking after shells is made of. */
export function composeUpkeep(environment: Environment): UpkeepPorts {
  const { ports, table } = composeDelivery(environment, "shell", sdkAws());
  const shell = composeShell(environment, table, ports.log);
  return {
    ...ports,
    workspaces: shell.workspaces,
    backend: shell.backend,
    // Looking at a job is no use of its machine: it may go to sleep.
    newsOf: jobNews({ acquire: async (id) => (await shell.backend()).acquire(id), log: ports.log }),
  };
}
