/** The end of a review: what it came to by the ledger, and the line to the chat. */
import * as z from "zod";
import { isKind, messageOf } from "../../base/errors.ts";
import { parseJson } from "../../base/json.ts";
import type { Place } from "../../conversation/place.ts";
import { splitReply } from "../../gateway/split.ts";
import type { RunningReview, ToldReview } from "../../store/reviews.ts";
import type { LedgerEntry } from "../ledger.ts";
import { costRowOf } from "./cost-row.ts";
import { noticeOf } from "./notice.ts";
import type { ReviewPorts } from "./ports.ts";
import type { ReviewSubject } from "./tools.ts";

/** A page of the ledger, and how many pages others may have written while we worked. */
const pageSize = 100;
const maxPages = 10;

/** What this review changed and nobody has taken back, oldest first. */
async function changesOf({ learner }: ReviewSubject, startedAt: number, ports: ReviewPorts): Promise<LedgerEntry[]> {
  const { profile, owner, session, turn } = learner;
  const ledger = ports.ledger(profile);
  const found: LedgerEntry[] = [];
  let before: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const entries = await ledger.list({ owner, limit: pageSize, ...(before !== undefined && { before }) });
    found.push(...entries.filter((entry) => entry.at >= startedAt));
    const oldest = entries.at(-1);
    if (!oldest || entries.length < pageSize || oldest.at < startedAt) break;
    before = oldest.id;
  }
  return found
    .filter((entry) => entry.actor === "review" && entry.session === session && entry.turn === turn)
    .filter((entry) => entry.undoneBy === undefined && (entry.owner === undefined || entry.owner === owner))
    .toReversed();
}

const refusalSchema = z.object({ adoptable: z.string() });

/** Skills that it was refused to change or to repeat, and that their owner may let it improve. */
function adoptableIn({ iterations }: RunningReview): string[] {
  const results = iterations.flatMap((iteration) => iteration.results ?? []);
  const refusals = results.map(({ content }) => refusalSchema.safeParse(parseJson(content)));
  return [...new Set(refusals.flatMap(({ data }) => (data === undefined ? [] : [data.adoptable])))];
}

function resultOf(entries: readonly LedgerEntry[]): ToldReview["result"] {
  const kinds = new Set(entries.map(({ subject }) => subject.kind));
  if (kinds.size === 2) return "both";
  if (kinds.has("skill")) return "skill";
  return kinds.has("notebook") ? "memory" : "none";
}

/** The record of a review that has learnt all it will, with the notice that is owed. */
export async function concluded(
  subject: ReviewSubject,
  record: RunningReview,
  ended: ToldReview["ended"],
  ports: ReviewPorts,
): Promise<ToldReview> {
  const { session, learner } = subject;
  const entries = await changesOf(subject, record.startedAt, ports);
  const result = resultOf(entries);
  await ports.costs(learner.profile).put(costRowOf(learner, record));
  const { inputTokens, outputTokens, cacheReadTokens } = record.usage;
  ports.log.info("review.ended", {
    session: session.id,
    turn: learner.turn,
    result,
    ended,
    reason: record.reason,
    iterations: record.iterations.length,
    changes: entries.length,
    inputTokens,
    cacheReadTokens,
    outputTokens,
    ms: ports.clock.now() - record.startedAt,
  });
  const isGroup = session.owner === session.conversation;
  return {
    ...record,
    status: "telling",
    result,
    ended,
    changes: entries.map(({ id, subject: { kind, name } }) => ({ ledger: id, kind, name })),
    notice: noticeOf(entries, {
      mode: ports.settings.notice,
      isAsked: record.asked !== "",
      isGroup,
      adoptable: adoptableIn(record),
    }),
    endedAt: ports.clock.now(),
  };
}

async function placeOfReply({ learner, steps }: ReviewSubject, { store }: ReviewPorts) {
  const record = await store.turns.get(learner.session, learner.turn);
  if (record && record.status !== "running") return record.place;
  return steps.findLast((step) => step.place !== null)?.place ?? undefined;
}

/** Where it was asked for, else where the reply of the turn went. A notice quotes no message. */
async function placeOf(subject: ReviewSubject, ports: ReviewPorts): Promise<Place | undefined> {
  const place = subject.place ?? (await placeOfReply(subject, ports));
  if (!place) return undefined;
  const { replyTo: _, ...where } = place;
  return where;
}

/**
 * Sends the notice. `isInDoubt`: a worker that is gone may have sent it; where the platform cannot tell a repeat it is not
 * sent again, since a line that is missing harms less than one that comes twice, and the ledger has it all.
 */
export async function tell(
  subject: ReviewSubject,
  { notice, asked }: Pick<ToldReview, "notice" | "asked">,
  { isInDoubt }: { isInDoubt: boolean },
  ports: ReviewPorts,
): Promise<void> {
  const { session, turn } = subject.learner;
  const place = notice === "" ? undefined : await placeOf(subject, ports);
  if (!place) return;
  try {
    const { platform, outbound } = await ports.channel(place);
    if (isInDoubt && platform.idempotency === "none") return;
    for (const [index, part] of splitReply(notice, platform).entries())
      await outbound.send(place, part, {
        idempotencyKey: `${session}-${turn}-review${asked === "" ? "" : `-${asked}`}-${index}`,
      });
    await ports.noteTold(place, subject.learner);
  } catch (error) {
    if (!isKind(error, "refused")) throw error;
    ports.log.warn("review.notice-refused", { session, turn, error: messageOf(error) });
  }
}
