import { parseJson, type Json } from "../base/json.ts";
import { withinBudget } from "../agent/result-budget.ts";
import { isRepeatable, runTools } from "../agent/run-tools.ts";
import { resultsOf, unknownResult } from "../agent/history.ts";
import type { ToolCall, ToolMessage } from "../conversation/message.ts";
import type { Session } from "../conversation/session.ts";
import type { OpenStep } from "../conversation/turn.ts";
import { profileOf } from "../gateway/conversation-key.ts";
import type { ToolContext } from "../tools/tool.ts";
import { saveText } from "../tools/spill.ts";
import type { Turn } from "./load.ts";
import type { TurnPorts } from "./ports.ts";

/** The newest result of a tool in the active window: its state, where it keeps any. */
function previousResult(turn: Turn, name: string): Json | undefined {
  const results = [...turn.earlier, ...turn.steps].flatMap(resultsOf);
  const newest = results.findLast((result) => result.name === name);
  return newest && (parseJson(newest.content) as Json | undefined);
}

/** Runs calls for a session: each with its own context, the results cut to what the model may be sent. */
export async function runCalls(
  turn: Turn,
  session: Session,
  { calls, isCutOff, signal }: { calls: readonly ToolCall[]; isCutOff: boolean; signal: AbortSignal },
  ports: TurnPorts,
): Promise<ToolMessage[]> {
  const profile = profileOf(session.conversation);
  let waking: ReturnType<TurnPorts["workspace"]> | undefined;
  const workspace = () => (waking ??= ports.workspace(profile, session.owner));
  const contextOf = (call: ToolCall): ToolContext => ({
    callId: call.id,
    session: session.id,
    signal,
    clock: ports.clock,
    workspace,
    notebooks: ports.notebooks(profile, session.owner),
    previousResult: () => previousResult(turn, call.name),
  });
  const results = await runTools({ calls, tools: ports.tools, contextOf, isCutOff });
  return withinBudget(results, {
    keepsWhole: (name) => ports.tools.some((tool) => tool.name === name && tool.keepsResultWhole === true),
    save: async (callId, text) => saveText(await workspace(), `${callId}-result`, text),
  });
}

/** The results of a step whose worker died: reads run again, the outcome of all else is unknown. */
export async function recoverCalls(
  turn: Turn,
  session: Session,
  step: OpenStep,
  signal: AbortSignal,
  ports: TurnPorts,
): Promise<ToolMessage[]> {
  const calls = step.assistant.toolCalls;
  const repeatable = calls.filter((call) => isRepeatable(call, ports.tools));
  const repeated = await runCalls(turn, session, { calls: repeatable, isCutOff: false, signal }, ports);
  return calls.map((call) => repeated.find((result) => result.callId === call.id) ?? unknownResult(call));
}
