import type { AwsMeter } from "../aws-meter.ts";
import type { Bed } from "../bed.ts";
import { median, percentile } from "../statistics.ts";
import { inMs, type Row } from "../table.ts";
import { afterModelMs, beforeModelMs, betweenStepsMs, measureTurns, ownTimeMs, webhookMs } from "./probe.ts";

/** Where the time of a turn goes when the model takes none; `times` turns of each kind, one at a time. */
export async function timeRows(bed: Bed, meter: AwsMeter, times: number): Promise<Row[]> {
  const measure = (script: { steps: number; tool: string; times: number }) =>
    measureTurns(bed, meter, { person: bed.newPerson(), ...script });
  const single = await measure({ steps: 1, tool: "todo", times });
  const few = Math.ceil(times / 5);
  const three = await measure({ steps: 3, tool: "todo", times: few });
  const ten = await measure({ steps: 10, tool: "todo", times: few });
  const withShell = await measure({ steps: 10, tool: "read_file", times: few });

  const traces = single.map(({ trace }) => trace);
  const own = (costs: typeof single) => median(costs.map(({ trace }) => ownTimeMs(trace)));
  const between = (costs: typeof single) => median(costs.flatMap(({ trace }) => betweenStepsMs(trace)));
  const webhooks = traces.map(webhookMs);
  return [
    { what: "webhook answer, median", measured: inMs(median(webhooks)), reach: "under 15 ms" },
    { what: "webhook answer, p99", measured: inMs(percentile(webhooks, 0.99)) },
    { what: "AWS calls of a webhook", measured: callsText(single), reach: "at most 3" },
    { what: "own time of a turn of one step, median", measured: inMs(own(single)), reach: "under 60 ms" },
    { what: "  p99", measured: inMs(percentile(traces.map(ownTimeMs), 0.99)) },
    { what: "  message to the model's request, median", measured: inMs(median(traces.map(beforeModelMs))) },
    { what: "  model's answer to the delivered reply, median", measured: inMs(median(traces.map(afterModelMs))) },
    { what: "own time of a turn of 3 steps, median", measured: inMs(own(three)) },
    { what: "own time of a turn of 10 steps, median", measured: inMs(own(ten)) },
    { what: "each further step (answer to next request), median", measured: inMs(between(ten)), reach: "under 12 ms" },
    { what: "  of turns of 10 and 1 steps, difference of medians", measured: inMs((own(ten) - own(single)) / 9) },
    { what: "  with a tool that asks the shell, more by", measured: inMs(between(withShell) - between(ten)) },
  ];
}

const callsText = (costs: readonly { webhookCalls: number }[]): string =>
  [...new Set(costs.map(({ webhookCalls }) => webhookCalls))].sort((a, b) => a - b).join(" or ");
