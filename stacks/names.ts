/** How a logical name of the manifest is called in AWS and in SST. Pure data. */

/** `agent-step` is the component `AgentStep`: SST wants letters and digits, a capital first. */
export const componentNameOf = (logicalName: string): string =>
  logicalName
    .split("-")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");

/** What an operator sees in the console and in `aws` commands: `talaria-production-agent-step`. */
export const physicalNameOf = (app: string, stage: string, logicalName: string): string =>
  `${app}-${stage}-${logicalName}`;
