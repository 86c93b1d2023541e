import { systemClock } from "../../core/base/clock.ts";
import { openMailbox } from "../../core/store/mailbox.ts";
import { openStore } from "../../core/store/store.ts";
import { openTable } from "../../core/store/table.ts";
import type { DeliveryPorts } from "../../core/turn/ports.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import type { Aws } from "./aws.ts";
import { openChannels } from "./channels.ts";
import type { Environment } from "./environment.ts";
import { openExecutions } from "./executions.ts";
import { invokeLater } from "./invoke-later.ts";
import { openLog } from "./log.ts";

/** What every function that may end a turn or start one is made of. */
export function composeDelivery(environment: Environment, functionName: string, aws: Aws) {
  const { profile, settings } = environment;
  const now = () => systemClock.now();
  const table = openTable(environment.table, aws.dynamoDb);
  const executions = openExecutions(environment.turnMachine, aws.stepFunctions);
  const blobs = aws.blobs(environment.bucket);
  const mailbox = (platform: string) => openMailbox(table, profile, platform, now);
  const ports: DeliveryPorts = {
    store: openStore(table, blobs, now),
    clock: systemClock,
    log: openLog(settings, functionName),
    startTurn: executions.start,
    wakeTurn: executions.wake,
    startReview: invokeLater(settings, resourceEnvironment.reviewFunction),
    channel: openChannels(settings, mailbox),
  };
  return { ports, table, blobs, executions };
}
