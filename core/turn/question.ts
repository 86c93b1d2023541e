import { messageOf } from "../base/errors.ts";
import type { OpenStep, WaitRecord } from "../conversation/turn.ts";
import { splitReply } from "../gateway/split.ts";
import type { Question, Wake } from "../tools/tool.ts";
import type { Workplace } from "./open-step.ts";
import { sendText } from "./send-text.ts";
import { openQuestion, type Wakes } from "./wakes.ts";

/** Buttons where the platform has enough of them, else the words that are understood. */
const wordsOf = ({ choices }: Question): string =>
  choices.length === 0 ? "" : `\n\nAnswer with ${choices.map(({ label }) => `**${label}**`).join(", ")}.`;

/** Asks the person; the platform's id of the message. */
export async function askQuestion(
  { question }: WaitRecord,
  { place, ports, isInDoubt }: Workplace & { isInDoubt: boolean },
): Promise<string> {
  if (!question) return "";
  const channel = await ports.channel(place);
  const hasButtons = question.choices.length <= (channel.platform.limits.maxButtons ?? 0);
  const buttons = question.choices.map(({ id, label }) => ({ payload: `${question.id}:${id}`, label }));
  return sendText({ ...channel, clock: ports.clock }, place, {
    markdown: hasButtons ? question.text : question.text + wordsOf(question),
    key: question.id,
    isInDoubt,
    ...(hasButtons && buttons.length > 0 && { buttons }),
  });
}

function endingOf(question: Question, wake: Wake): string {
  if (wake.by === "answer") {
    const choice = question.choices.find(({ id }) => id === wake.choice);
    return choice?.label ?? "answered";
  }
  return wake.by === "time" ? "no answer in time" : "not answered";
}

/** Writes below the question how it ended, which takes its buttons away. Where that fails, a late press is explained. */
export async function settleQuestion(step: OpenStep, wakes: Wakes, { place, ports }: Workplace): Promise<void> {
  const wait = openQuestion(step.waits);
  const wake = wait && wakes.reasons.get(wait.callId);
  if (!wait?.question || wait.asked?.status !== "sent" || !wake) return;
  try {
    const { platform, outbound } = await ports.channel(place);
    const parts = splitReply(`${wait.question.text}\n\n→ ${endingOf(wait.question, wake)}`, platform);
    await outbound.edit?.(place, wait.asked.id, parts.at(-1) ?? "");
  } catch (error) {
    ports.log.warn("question.not-settled", { reason: messageOf(error) });
  }
}
