import { machineArn } from "../../local/cloud/names.ts";
import type { AwsMeter } from "../aws-meter.ts";
import type { Bed } from "../bed.ts";
import type { Row } from "../table.ts";
import { measureTurn } from "./probe.ts";

/** UTF-16 units that count as one token: the usual estimate for English, since tokenizers differ. */
const charactersPerToken = 4;

/** What a turn is made of: transitions, model requests, AWS calls, and the prompt that every request begins with. */
export async function shapeRows(bed: Bed, meter: AwsMeter): Promise<Row[]> {
  const person = bed.newPerson();
  await measureTurn(bed, meter, { person, steps: 1, tool: "todo" });
  const prompt = await bed.outside.promptLengths();
  const one = await shapeOf(bed, meter, person, 1);
  const three = await shapeOf(bed, meter, person, 3);
  const tokens = (length: number) => Math.round(length / charactersPerToken);
  const total = tokens(prompt.system + prompt.tools);
  const split = `${tokens(prompt.system)} + ${tokens(prompt.tools)}`;
  return [
    { what: "transitions of a turn of 1 / 3 steps", measured: `${one.transitions} / ${three.transitions}`, reach: "3" },
    {
      what: "model requests of a turn of 1 / 3 steps",
      measured: `${one.requests} / ${three.requests}`,
      reach: "1 / 3",
    },
    { what: "AWS calls of a turn of 1 / 3 steps", measured: `${one.awsCalls} / ${three.awsCalls}` },
    { what: `fixed prompt, system + tools, tokens at ${charactersPerToken} characters`, measured: split },
    { what: "  together", measured: String(total), reach: "under 4,000" },
  ];
}

async function shapeOf(bed: Bed, meter: AwsMeter, person: number, steps: number) {
  const { trace, awsCalls } = await measureTurn(bed, meter, { person, steps, tool: "todo" });
  return { transitions: await transitionsOfNewest(bed), requests: trace.modelCalls.length, awsCalls };
}

/** States entered by the execution that was started last. */
async function transitionsOfNewest({ cloud: { stepFunctions } }: Bed): Promise<number> {
  const { executions } = await stepFunctions.listExecutions({ stateMachineArn: machineArn("turn"), maxResults: 1 });
  const [newest] = executions;
  if (!newest) return 0;
  const { events } = await stepFunctions.getExecutionHistory({ executionArn: newest.executionArn, maxResults: 1000 });
  return events.filter(({ type }) => type?.endsWith("StateEntered")).length;
}
