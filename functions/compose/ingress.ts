import { systemClock } from "../../core/base/clock.ts";
import { allowListOf } from "../../core/gateway/authorise.ts";
import type { IngressPorts } from "../../core/gateway/ingress.ts";
import { openInbox } from "../../core/store/inbox.ts";
import { openLeases } from "../../core/store/leases.ts";
import { openMailbox } from "../../core/store/mailbox.ts";
import { openRefusals } from "../../core/store/refusals.ts";
import { openTable } from "../../core/store/table.ts";
import { openChannels, openPlatforms } from "./channels.ts";
import type { Environment } from "./environment.ts";
import { openExecutions } from "./executions.ts";
import { leanAws } from "./lean-aws.ts";
import { openLog } from "./log.ts";

/** What the ingress is made of: as little as possible, since a platform waits for it, cold starts included. */
export function composeIngress({ settings, profile, ...environment }: Environment): IngressPorts {
  const now = () => systemClock.now();
  const aws = leanAws(settings);
  const table = openTable(environment.table, aws.dynamoDb);
  const executions = openExecutions(environment.turnMachine, aws.stepFunctions);
  const mailbox = (platform: string) => openMailbox(table, profile, platform, now);
  return {
    store: { inbox: openInbox(table, now), leases: openLeases(table, now), refusals: openRefusals(table, now) },
    clock: systemClock,
    log: openLog(settings, "webhooks"),
    startTurn: executions.start,
    wakeTurn: executions.wake,
    channel: openChannels(settings, mailbox),
    platform: openPlatforms(settings),
    mailbox,
    profile,
    allowed: allowListOf(settings),
    settings,
  };
}
