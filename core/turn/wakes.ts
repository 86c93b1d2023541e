import type { Inbound } from "../conversation/inbound.ts";
import type { Place } from "../conversation/place.ts";
import type { OpenStep, WaitRecord } from "../conversation/turn.ts";
import { commandOf } from "../gateway/commands.ts";
import type { Wake } from "../tools/tool.ts";
import { nobody } from "./claim.ts";
import { interruptsTurn } from "./plan.ts";

/** A step that waits, and who may answer its questions: the one who began the turn, by the platform's id. */
export interface Waiting {
  step: OpenStep;
  asker: string | undefined;
}

/** What the queue and the clock mean for the waiting calls of a step. */
export interface Wakes {
  /** Why each call is looked at; a call that is not in it goes on waiting. */
  reasons: ReadonlyMap<string, Wake>;
  /** Answers and rings: used up by this look. */
  used: Inbound[];
  /** Commands, and presses of buttons that are not open any more: answered while the calls go on waiting. */
  asides: Inbound[];
  /** Where the answer came from: the reply goes there. */
  answeredFrom: Place | undefined;
  /** Calls that have not begun are not begun any more. */
  beginsNone: boolean;
}

/** One question is open at a time: the first that was asked, so that plain words can only mean that one. */
export const openQuestion = (waits: readonly WaitRecord[]): WaitRecord | undefined =>
  waits.find(({ question, asked }) => question !== undefined && asked !== undefined);

/** The choice that a button stands for, when it belongs to this question. */
function choiceOf({ pressed }: Inbound, wait: WaitRecord | undefined): string | undefined {
  const { question } = wait ?? {};
  return question?.choices.find(({ id }) => pressed === `${question.id}:${id}`)?.id;
}

/** Words that are a choice's label, whatever else they might mean. */
const isLabel = ({ text }: Inbound, wait: WaitRecord | undefined): boolean =>
  wait?.question?.choices.some(({ label }) => label.toLowerCase() === text.trim().toLowerCase()) ?? false;

type Meaning = "ring" | "stop" | "aside" | "answer" | "said" | "later";

/**
 * In a thread that several people share, only who began the turn answers its questions; what others say waits for the
 * turn to go on. News of other jobs do too. What was said before a question was asked is no answer to it.
 */
function meaningOf(message: Inbound, question: WaitRecord | undefined, asker: string | undefined): Meaning {
  if (message.rang) return message.rang.tell ? "later" : "ring";
  const isTheirs = asker === undefined ? message.place.kind === "direct" : message.sender.id === asker;
  if (message.pressed !== undefined) return isTheirs && choiceOf(message, question) !== undefined ? "answer" : "aside";
  const isAsked = question?.asked?.status === "sent" && !question.asked.before.includes(message.key);
  if (isAsked && isTheirs && isLabel(message, question)) return "answer";
  if (interruptsTurn(message)) return "stop";
  // Changes the session, which cannot be done beside a turn of it.
  if (commandOf(message.text) === "resume") return "later";
  if (commandOf(message.text) !== undefined) return "aside";
  if (!question) return "said";
  if (!isTheirs) return "later";
  return isAsked ? "answer" : "said";
}

/** A command that the platform did not let us answer: tried again when the step is looked at for another reason. */
const isPostponed = ({ key }: Inbound, { postponed = [] }: OpenStep): boolean => postponed.includes(key);

/** Whether something waits in the queue that this step would not leave there. Pure. */
export const hasNews = ({ step, asker }: Waiting, pending: readonly Inbound[]): boolean =>
  pending.some(
    (message) => !isPostponed(message, step) && meaningOf(message, openQuestion(step.waits), asker) !== "later",
  );

/** Whether somebody has said something that the model should read before the person is asked anything. Pure. */
export const isSpokenTo = ({ step, asker }: Waiting, pending: readonly Inbound[]): boolean =>
  pending.some((message) => ["said", "stop"].includes(meaningOf(message, openQuestion(step.waits), asker)));

/** Reads the queue for a step that waits. Pure. */
export function wakesOf({ step, asker }: Waiting, pending: readonly Inbound[], now: number): Wakes {
  const question = openQuestion(step.waits);
  const meanings = pending.map((message) => ({ message, meaning: meaningOf(message, question, asker) }));
  const having = (meaning: Meaning) => meanings.filter((one) => one.meaning === meaning).map(({ message }) => message);
  const answers = having("answer");
  const [answer] = answers;
  const isStopped = having("stop").length > 0;
  // A button that was pressed twice says nothing new; further words do.
  const isSaid = having("said").length > 0 || answers.slice(1).some(({ pressed }) => pressed === undefined);
  // A ring may have been used up by a worker that died, and what woke us may be gone from the queue.
  const isNoReason = ({ message, meaning }: (typeof meanings)[number]) =>
    meaning === "later" || isPostponed(message, step);
  const mustLook = step.claim !== nobody || meanings.every(isNoReason);

  function reasonOf(wait: WaitRecord): Wake | undefined {
    if (wait.answered) return takenUp(wait.answered);
    if (isStopped) return { by: "stop" };
    if (wait === question && answer) return answered(answer, question);
    if (isSaid) return { by: "message" };
    if (wait.until <= now) return { by: "time" };
    if (wait.question) return undefined;
    if (having("ring").length > 0) return { by: "job" };
    return mustLook ? { by: "time" } : undefined;
  }

  const reasons = step.waits.flatMap((wait) => {
    const reason = reasonOf(wait);
    return reason ? [[wait.callId, reason] as const] : [];
  });
  const again = answers.slice(1).filter(({ pressed }) => pressed !== undefined);
  return {
    reasons: new Map(reasons),
    used: [...having("ring"), ...(answer && !isStopped ? [answer, ...again] : [])],
    asides: isStopped ? [] : having("aside"),
    answeredFrom: isStopped ? undefined : answer?.place,
    beginsNone: isStopped || isSaid,
  };
}

function takenUp({ choice, text, who }: NonNullable<WaitRecord["answered"]>): Wake {
  return { by: "answer", text, who, ...(choice !== undefined && { choice }) };
}

function answered(message: Inbound, wait: WaitRecord): Wake {
  const choice = choiceOf(message, wait);
  return { by: "answer", text: message.text, who: message.sender.id, ...(choice !== undefined && { choice }) };
}
