import * as z from "zod";
import { messageOf } from "../base/errors.ts";
import { newId } from "../base/ids.ts";
import { parseJson, type Json } from "../base/json.ts";
import { withinBudget } from "../agent/result-budget.ts";
import { runTools, type ToolProgress, type ToolRun } from "../agent/run-tools.ts";
import { resultsOf } from "../agent/history.ts";
import type { ToolCall } from "../conversation/message.ts";
import { lineageOf } from "../conversation/lineage.ts";
import type { Session } from "../conversation/session.ts";
import { profileOf } from "../gateway/conversation-key.ts";
import { Waiting, type ToolContext } from "../tools/tool.ts";
import { lasts } from "../shells/lifetime.ts";
import { saveText } from "../tools/spill.ts";
import type { Turn } from "./load.ts";
import { workspaceId } from "./open-session.ts";
import type { TurnPorts } from "./ports.ts";
import { sendText } from "./send-text.ts";

export interface CallsRun extends Pick<ToolRun, "before" | "wakeOf" | "beginsNone"> {
  calls: readonly ToolCall[];
  isCutOff: boolean;
  signal: AbortSignal;
}

/** The newest result of a tool in the active window: its state, where it keeps any. */
function previousResult(turn: Turn, name: string): Json | undefined {
  const results = [...turn.earlier, ...turn.steps].flatMap(resultsOf);
  const newest = results.findLast((result) => result.name === name);
  return newest && (parseJson(newest.content) as Json | undefined);
}

/** What every call of a session is handed, but for its id. */
function surroundings(turn: Turn, session: Session, signal: AbortSignal, ports: TurnPorts) {
  const { conversation } = turn.input;
  const profile = profileOf(conversation);
  const { owner, id, continues } = session;
  const learner = { profile, owner, session: id, turn: turn.input.turn };
  let waking: ReturnType<TurnPorts["workspace"]> | undefined;
  const workspace = async (forMs = 0) => {
    const awake = await (waking ??= ports.workspace(profile, owner, forMs));
    if (lasts(awake, { clock: ports.clock, forMs })) return awake;
    return (waking = ports.workspace(profile, owner, forMs));
  };
  const place = turn.place ?? { platform: "web", chat: "", kind: "direct" as const };
  return {
    session: id,
    turn: `${id}#${turn.input.turn}`,
    signal,
    clock: ports.clock,
    patienceMs: ports.settings.patienceMs,
    workspace,
    passed: ports.passed,
    notebooks: ports.notebooks(learner),
    skills: ports.skills(learner),
    search: ports.search({ profile, owner, session: id, lineage: lineageOf(continues) }),
    doorbells: ports.doorbells({
      conversation,
      session: id,
      workspace: workspaceId(profile, owner),
      place,
      sender: turn.sender ?? "",
    }),
    permissions: ports.permissions({ profile, owner, session: id }),
  };
}

/** Runs calls for a session: each with its own context, the results cut to what the model may be sent. */
export async function runCalls(turn: Turn, session: Session, run: CallsRun, ports: TurnPorts): Promise<ToolProgress> {
  const around = surroundings(turn, session, run.signal, ports);
  const contextOf = (call: ToolCall): ToolContext => ({
    ...around,
    callId: call.id,
    previousResult: () => previousResult(turn, call.name),
    show: (line) => showLine(line, turn, ports),
    call: (name, input) => callWithin(name, input, contextOf(call), ports),
  });
  const { results, waits } = await runTools({ ...run, tools: ports.tools, contextOf });
  const isOld = ({ callId }: { callId: string }) => run.before?.results.some((result) => result.callId === callId);
  const shown = await withinBudget(
    results.filter((result) => !isOld(result)),
    {
      keepsWhole: (name) => ports.tools.some((tool) => tool.name === name && tool.keepsResultWhole === true),
      save: async (callId, text) => saveText(await around.workspace(), `${callId}-result`, text),
    },
  );
  return { results: results.map((result) => shown.find(({ callId }) => callId === result.callId) ?? result), waits };
}

/** A line of progress in the chat; it is worth no failure. */
async function showLine(line: string, turn: Turn, ports: TurnPorts): Promise<void> {
  if (!turn.place) return;
  try {
    const channel = await ports.channel(turn.place);
    await sendText(channel, turn.place, { markdown: line, key: newId("call"), isInDoubt: false });
  } catch (error) {
    ports.log.warn("progress.not-shown", { reason: messageOf(error) });
  }
}

/** Nobody could wake a call within a call, so it is waited for: whoever made it has a time-out of its own. */
const nestedPatienceMs = 600_000;

/** A call that a tool makes of another. It cannot wait: whoever made it runs now. */
async function callWithin(name: string, input: unknown, context: ToolContext, { tools }: TurnPorts): Promise<Json> {
  const tool = tools.find((one) => one.name === name);
  const parsed = tool?.input.safeParse(input);
  if (!tool || !parsed) return { error: `There is no tool “${name}”.` };
  if (!parsed.success) return { error: `The arguments do not fit: ${z.prettifyError(parsed.error)}` };
  try {
    const result = await tool.run(parsed.data, {
      ...context,
      // Each keeps its long output under its own name.
      callId: newId("call"),
      patienceMs: nestedPatienceMs,
    });
    return result instanceof Waiting ? { error: "This needs the person or more time: call it directly." } : result;
  } catch (error) {
    return { error: `The tool failed: ${messageOf(error)}` };
  }
}
