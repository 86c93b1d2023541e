import { askModel } from "../../agent/ask.ts";
import { messagesOf } from "../../agent/history.ts";
import { isKind, retryable, TalariaError } from "../../base/errors.ts";
import type { Message } from "../../conversation/message.ts";
import { addUsage } from "../../conversation/usage.ts";
import type { Iteration, ReviewRecord, RunningReview, ToldReview } from "../../store/reviews.ts";
import { takeUp, type Taken } from "./begin.ts";
import { concluded, tell } from "./conclude.ts";
import { costRowOf } from "./cost-row.ts";
import type { ReviewEvent } from "./event.ts";
import type { ReviewPorts } from "./ports.ts";
import { rubricText } from "./rubric.ts";
import { runReviewTools } from "./tools.ts";

/** What became of a delivery of the event: the record's status, or why there is no record of ours. */
export type ReviewStatus = "done" | "failed" | "not-due" | "taken-over";

/** Thrown where our claim was lost: another delivery of the same event goes on with this review. */
const lostCode = "review.taken-over";
const lost = () => retryable("Another worker has taken this review over.", { code: lostCode });

/** Deliveries after which a review that cannot be finished is given up: as often as Lambda delivers an event. */
const maxAttempts = 3;

/**
 * Looks back at a turn: the same prompt as the conversation's last request, and one message more. Each model call is saved
 * before its tools run and once more with their results, in a record of its own; a worker that dies is followed by one that
 * goes on there. Nothing of the conversation is written. May be run for the same event at any time.
 */
export async function runReview(event: ReviewEvent, ports: ReviewPorts): Promise<ReviewStatus> {
  const startedAt = ports.clock.now();
  const taken = await takeUp(event, ports);
  if ("ended" in taken) return taken.ended;
  try {
    const learnt = taken.record.status === "telling" ? taken.record : await learn(taken, startedAt, ports);
    if (learnt !== taken.record) await save(event, learnt, ports);
    await tell(taken.subject, learnt, { isInDoubt: learnt === taken.record }, ports);
    const { notice: _, ...done } = learnt;
    await save(event, { ...done, status: "done" }, ports);
    return "done";
  } catch (error) {
    return giveUp(taken, error, ports);
  }
}

async function save({ session }: ReviewEvent, record: ReviewRecord, { reviews }: ReviewPorts): Promise<void> {
  if (!(await reviews.save(session, record))) throw lost();
}

/** What asking again cannot help is noted and left; what may pass is thrown, and the event comes again. */
async function giveUp({ subject, record: taken }: Taken, error: unknown, ports: ReviewPorts): Promise<ReviewStatus> {
  const { session, turn } = subject.learner;
  const problem = error instanceof TalariaError ? error.code : "unknown";
  if (problem === lostCode) return "taken-over";
  ports.log.warn("review.broke-off", { session, turn, problem, attempt: taken.attempts });
  const isHopeless = isKind(error, "refused") || (isKind(error, "retryable") && taken.attempts >= maxAttempts);
  if (!isHopeless) throw error;
  const record = await ports.reviews.get(session, turn, taken.asked);
  if (record?.claim !== taken.claim) return "taken-over";
  await ports.reviews.save(session, givenUp(record, problem, ports.clock.now()));
  // Whoever asked was told that they would hear of it; when even that cannot be sent, the log has it.
  const notice = taken.asked === "" ? "" : `I could not look it over (${problem}): \`/refine\` tries again.`;
  await tell(subject, { notice, asked: taken.asked }, { isInDoubt: false }, ports).catch(() => undefined);
  return "failed";
}

/** What was learnt stays learnt, whether or not the chat could be told. */
function givenUp(record: ReviewRecord, problem: string, endedAt: number): ReviewRecord {
  if (record.status !== "telling") return { ...record, status: "failed", problem, endedAt };
  const { notice: _, ...done } = record;
  return { ...done, status: "done" };
}

/** Asks the model and runs its calls until it has no more to do. */
async function learn({ subject, record: begun }: Taken, startedAt: number, ports: ReviewPorts): Promise<ToldReview> {
  let record: RunningReview = { ...begun, status: "running" };
  const keep = async (iterations: Iteration[]) => {
    record = {
      ...record,
      iterations,
      reads: [...subject.reads],
      usage: iterations.map(({ usage }) => usage).reduce(addUsage),
    };
    await save({ ...subject.learner, conversation: subject.session.conversation }, record, ports);
  };
  const deadline = startedAt + ports.settings.invocationMs;
  let isInDoubt = true;
  for (;;) {
    const { iterations } = record;
    const last = iterations.at(-1);
    if (last && last.results === null) {
      const results = await runReviewTools(subject, iterations, isInDoubt, ports);
      await keep([...iterations.slice(0, -1), { ...last, results }]);
      continue;
    }
    isInDoubt = false;
    const ended = endOf(record, ports.clock.now() > deadline, ports);
    if (ended) return concluded(subject, record, ended, ports);
    const answer = await ask({ subject, record }, ports);
    await keep([...iterations, answer]);
    await ports.costs(subject.learner.profile).put(costRowOf(subject.learner, record));
  }
}

function endOf(
  { iterations }: RunningReview,
  isLate: boolean,
  { settings }: ReviewPorts,
): ToldReview["ended"] | undefined {
  const last = iterations.at(-1);
  if (last && last.assistant.toolCalls.length === 0) return "finished";
  if (iterations.length >= settings.maxIterations) return "iterations";
  return isLate ? "time" : undefined;
}

const messagesOfIteration = ({ assistant, results }: Iteration): Message[] => [assistant, ...(results ?? [])];

async function ask(
  { subject, record }: Pick<Taken, "subject"> & { record: RunningReview },
  ports: ReviewPorts,
): Promise<Iteration> {
  const { session, before, steps } = subject;
  const { name, model } = await ports.model();
  const rubric = rubricText({ ...record, focus: subject.focus, isGroup: session.owner === session.conversation });
  const request = {
    model: name.slice(name.indexOf("/") + 1),
    system: session.system,
    messages: [
      ...messagesOf([...before, ...steps]),
      { role: "user" as const, text: rubric },
      ...record.iterations.flatMap(messagesOfIteration),
    ],
    tools: session.tools,
    toolChoice: "auto" as const,
    cacheKey: session.id,
  };
  const tooLong = AbortSignal.timeout(ports.settings.modelTimeoutMs);
  try {
    const { message, finish, usage } = await askModel(model, request, { signal: tooLong, onText: () => {} });
    return { assistant: message, finish, usage, results: message.toolCalls.length === 0 ? [] : null };
  } catch (error) {
    if (!tooLong.aborted) throw error;
    throw retryable("The model did not finish its review in time.", { code: "model.timeout", cause: error });
  }
}
