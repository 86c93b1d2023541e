import { appendFileSync } from "node:fs";
import { systemClock } from "../../core/base/clock.ts";
import { jsonLog } from "../../core/base/log.ts";
import type { Settings } from "../../core/base/settings.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { openMailbox } from "../../core/store/mailbox.ts";
import { openStore } from "../../core/store/store.ts";
import { openTable } from "../../core/store/table.ts";
import type { DeliveryPorts } from "../../core/turn/ports.ts";
import { openChannels } from "./channels.ts";
import type { Environment } from "./environment.ts";
import { openExecutions } from "./executions.ts";

/** Standard output, which Lambda sends to CloudWatch, or the file that `TALARIA_LOG_FILE` names. */
function logSink(settings: Settings): (line: string) => void {
  const file = settings["TALARIA_LOG_FILE"];
  return file ? (line) => appendFileSync(file, `${line}\n`) : (line) => process.stdout.write(`${line}\n`);
}

/** What every function that may end a turn or start one is made of. */
export function composeDelivery(environment: Environment, functionName: string) {
  const { profile, settings } = environment;
  const now = () => systemClock.now();
  const table = openTable(environment.table);
  const executions = openExecutions(environment.turnMachine);
  const mailbox = (platform: string) => openMailbox(table, profile, platform, now);
  const ports: DeliveryPorts = {
    store: openStore(table, openBlobs(environment.bucket), now),
    clock: systemClock,
    log: jsonLog(logSink(settings), { function: functionName }),
    startTurn: executions.start,
    channel: openChannels(settings, mailbox),
  };
  return { ports, table, executions, mailbox };
}
