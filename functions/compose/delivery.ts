import { systemClock } from "../../core/base/clock.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { openMailbox } from "../../core/store/mailbox.ts";
import { openStore } from "../../core/store/store.ts";
import { openTable } from "../../core/store/table.ts";
import type { DeliveryPorts } from "../../core/turn/ports.ts";
import { openChannels } from "./channels.ts";
import type { Environment } from "./environment.ts";
import { openExecutions } from "./executions.ts";
import { openLog } from "./log.ts";
import { stepFunctionsSdk } from "./step-functions-sdk.ts";

/** What every function that may end a turn or start one is made of. */
export function composeDelivery(environment: Environment, functionName: string) {
  const { profile, settings } = environment;
  const now = () => systemClock.now();
  const table = openTable(environment.table, dynamoDbSdk());
  const executions = openExecutions(environment.turnMachine, stepFunctionsSdk());
  const mailbox = (platform: string) => openMailbox(table, profile, platform, now);
  const ports: DeliveryPorts = {
    store: openStore(table, openBlobs(environment.bucket), now),
    clock: systemClock,
    log: openLog(settings, functionName),
    startTurn: executions.start,
    channel: openChannels(settings, mailbox),
  };
  return { ports, table, executions };
}
