// oxlint-disable no-new -- constructing a resource declares it
/** What happens by the clock. EventBridge Scheduler hands an event over; Lambda then tries it three times in all. */
import { nameOf } from "./account.ts";
import { deadLetters } from "./dead-letters.ts";
import { functions } from "./functions.ts";
import { manifest, type ScheduleSpec } from "./manifest.ts";
import { componentNameOf } from "./names.ts";
import type { FunctionName } from "./needs.ts";

const schedules: Record<string, ScheduleSpec> = manifest.schedules;

for (const [name, spec] of Object.entries(schedules)) {
  new sst.aws.CronV2(componentNameOf(name), {
    schedule: spec.expression as `rate(${string})`,
    function: functions[spec.function as FunctionName].arn,
    event: spec.input,
    // Throttling passes; the next minute sweeps again anyway.
    retries: 3,
    dlq: deadLetters.arn,
  });
}

/** The jobs that a person asks for: one schedule each, made at run time, and gone with the group. */
export const jobs = new aws.scheduler.ScheduleGroup("Jobs", { name: nameOf("jobs") });

/** Those that schedules invoke, and the one that a step hands its reviews to. */
const invokedByEvents = new Set<FunctionName>([
  ...Object.values(schedules).map((spec) => spec.function as FunctionName),
  "review",
]);

for (const name of invokedByEvents) {
  new aws.lambda.FunctionEventInvokeConfig(`${componentNameOf(name)}Events`, {
    functionName: functions[name].name,
    maximumRetryAttempts: 2,
    maximumEventAgeInSeconds: 3600,
    destinationConfig: { onFailure: { destination: deadLetters.arn } },
  });
}
