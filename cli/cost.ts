import { cloudShellOf, type AgentConfig } from "../core/base/agent-config.ts";
import { manifest } from "../stacks/manifest.ts";
import { prices, pricesReadIn, pricesRegion } from "./prices.ts";

/** What a turn is assumed to be. The counts of calls are those that `npm start -- --say … --json` prints. */
const turn = {
  modelSecondsPerStep: 6,
  toolSecondsPerStep: 1,
  /** Around the steps: load, deliver, let go. */
  ownSeconds: 0.3,
  webhookSeconds: 0.1,
  /** Step, Decide, Done: all steps of a short turn fit into one invocation. */
  transitions: 3,
  /** Inbox, lease; then reply owed, reply settled, lease released, inbox consumed. */
  writes: 6,
  writesPerStep: 2,
  reads: 5,
  readsPerStep: 1,
  /** An item of up to 1 KB, and its copy in an index. */
  unitsPerWrite: 2,
  unitsPerRead: 2,
  logKb: 2,
  logKbPerStep: 1,
} as const;

const kbPerGb = 1e6;

/** AWS's part of a turn in US dollars. Tokens of the model come on top. */
export function turnUsd(steps: number, memory: AgentConfig["memory"]): number {
  const stepSeconds = turn.ownSeconds + steps * turn.modelSecondsPerStep + (steps - 1) * turn.toolSecondsPerStep;
  const gbSeconds = (memory.agentStep / 1024) * stepSeconds + (memory.webhooks / 1024) * turn.webhookSeconds;
  return (
    gbSeconds * prices.lambdaGbSecond.usd +
    2 * prices.lambdaRequest.usd +
    turn.transitions * prices.stateTransition.usd +
    (turn.writes + steps * turn.writesPerStep) * turn.unitsPerWrite * prices.dynamoWriteUnit.usd +
    (turn.reads + steps * turn.readsPerStep) * turn.unitsPerRead * prices.dynamoReadUnit.usd +
    ((turn.logKb + steps * turn.logKbPerStep) / kbPerGb) * prices.logGb.usd
  );
}

/** A sweep that finds nothing: one query, a few log lines of Lambda's own. */
const sweep = { seconds: 0.15, reads: 1, logKb: 1 } as const;
const minutesPerMonth = 30 * 24 * 60;

/** How often an expression `rate(n minute|hour|day)` comes round in a month of 30 days; 0 for any other. */
export function timesAMonth(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const minutes = { minute: 1, hour: 60, day: 24 * 60 };
  return unit === undefined ? 0 : minutesPerMonth / (Number(count) * minutes[unit as keyof typeof minutes]);
}

/** What a month costs in which nobody says anything, in US dollars, without storage. */
export function idleMonthUsd(): number {
  const costs = Object.values(manifest.schedules).map(({ expression, function: name }) => {
    const gb = manifest.functions[name].memoryMb / 1024;
    const once =
      sweep.seconds * gb * prices.lambdaGbSecond.usd +
      prices.lambdaRequest.usd +
      prices.schedulerInvocation.usd +
      sweep.reads * prices.dynamoReadUnit.usd +
      (sweep.logKb / kbPerGb) * prices.logGb.usd;
    return timesAMonth(expression) * once;
  });
  return costs.reduce((sum, cost) => sum + cost, 0);
}

/** An example of what tokens cost, since they are most of the bill. */
const tokens = { perCall: 4000, usdPerMillion: 3 } as const;

/** The image of the shell "ecs", as a registry keeps it: the base, the skills' programs; older ones share the base. */
const image = { gb: 0.45, buildMinutes: 4 } as const;

/** Only with the shell "ecs", and no image of the owner's. */
function imageLines(config: Pick<AgentConfig, "shell" | "region" | "machine">): string[] {
  if (cloudShellOf(config) !== "ecs" || config.machine.image !== undefined) return [];
  const { imageGbMonth, buildMinute } = prices;
  return [
    `The machines' image: ${money(image.gb * imageGbMonth.usd)} a month of storage in Amazon ECR, and about ${money(image.buildMinutes * buildMinute.usd)} when it is built.`,
  ];
}

/** What a person should know about money, in three or four lines. */
export function costLines(config: Pick<AgentConfig, "memory" | "shell" | "region" | "machine">): string[] {
  const { memory } = config;
  const storage = prices.dynamoGbMonth.usd + prices.recoveryGbMonth.usd;
  const perCall = (tokens.perCall * tokens.usdPerMillion) / 1e6;
  return [
    `Idle: about ${money(idleMonthUsd())} a month, and ${money(storage)} for a GB of history.`,
    ...imageLines(config),
    `A turn of 1 / 3 / 10 steps: ${[1, 3, 10].map((steps) => money(turnUsd(steps, memory))).join(" / ")} of AWS, ` +
      `plus the model's tokens, which are most of it: ${tokens.perCall} tokens of prompt at $${tokens.usdPerMillion} a million are ${money(perCall)} a step.`,
    `Computed from list prices of ${pricesRegion}, read in ${pricesReadIn} (cli/prices.ts), without the free tier; the bill is what counts.`,
  ];
}

/** To the cent, and below ten cents to two digits. */
const money = (usd: number): string => `$${usd >= 0.095 ? usd.toFixed(2) : String(Number(usd.toPrecision(2)))}`;
