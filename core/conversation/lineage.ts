import type { Session } from "./session.ts";
import type { StepRecord } from "./turn.ts";

/** The part of core/store that it reads. */
export interface LineageSources {
  sessions: { get(id: string): Promise<Session | undefined> };
  steps: { from(session: string, turn: number): Promise<StepRecord[]> };
}

/** Sessions that were resumed one after the other, at most: each costs two reads. */
const maxLineage = 10;

/** The sessions whose text is in the prompt of one that continues these. */
export const lineageOf = (continues: Session["continues"]): string[] =>
  continues ? [continues.session, ...(continues.before ?? [])] : [];

/**
 * The steps of the sessions that this one continues (`/resume`), oldest first. Their turns are numbered in conversations
 * of their own: a number says nothing about which of two sessions came first.
 */
export async function stepsBefore(session: Session | undefined, sources: LineageSources): Promise<StepRecord[]> {
  const reads: Promise<StepRecord[]>[] = [];
  let from = session?.continues;
  for (let depth = 0; from && depth < maxLineage; depth += 1) {
    const { session: id, turn } = from;
    const parent = await sources.sessions.get(id);
    reads.unshift(stepsUntil(id, { first: parent?.firstTurn ?? 0, last: turn }, sources));
    from = parent?.continues;
  }
  return (await Promise.all(reads)).flat();
}

async function stepsUntil(
  session: string,
  { first, last }: { first: number; last: number },
  { steps }: LineageSources,
): Promise<StepRecord[]> {
  return (await steps.from(session, first)).filter(({ turn }) => turn <= last);
}
