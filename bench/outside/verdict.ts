import type { Span } from "./outside.ts";

/** Message numbers in the order in which they came, group by group, of each person: of replies, or of model calls. */
export type NumbersByPerson = ReadonlyMap<number, readonly (readonly number[])[]>;

/** Whether each of `messages` messages a person is in exactly one reply. */
export function countAnswers(replies: NumbersByPerson, messages: number) {
  const counts = { answered: 0, lost: 0, doubled: 0 };
  for (const groups of replies.values()) {
    const numbers = groups.flat();
    for (let number = 1; number <= messages; number += 1) {
      const times = numbers.filter((one) => one === number).length;
      if (times === 0) counts.lost += 1;
      else counts.answered += 1;
      if (times > 1) counts.doubled += 1;
    }
  }
  return counts;
}

/** When a message left, and when its webhook was answered. */
export interface Sent {
  postedAtMs: number;
  acceptedAtMs: number;
}

/**
 * Messages that came after a later one of the same person; a repeated number counts where it came first. `inFlight` are
 * those whose webhook was still unanswered when the later one was posted: nobody had promised an order for these.
 */
export function countDisorder(
  numbersByPerson: NumbersByPerson,
  sentOf: (person: number, number: number) => Sent | undefined,
): { disordered: number; inFlight: number } {
  const counts = { disordered: 0, inFlight: 0 };
  for (const [person, groups] of numbersByPerson) {
    const shown = [...new Set(groups.flat())];
    for (const [index, number] of shown.entries()) {
      const overtakers = shown.slice(0, index).filter((earlier) => earlier > number);
      if (overtakers.length === 0) continue;
      const acceptedAtMs = sentOf(person, number)?.acceptedAtMs ?? Number.NEGATIVE_INFINITY;
      const isFault = overtakers.some((later) => (sentOf(person, later)?.postedAtMs ?? Infinity) >= acceptedAtMs);
      counts[isFault ? "disordered" : "inFlight"] += 1;
    }
  }
  return counts;
}

/** Calls that began while another of the same person was under way. */
export function countOverlaps(calls: readonly { person: number; span: Span }[]): number {
  let overlaps = 0;
  for (const ofOne of Map.groupBy(calls, ({ person }) => person).values()) {
    const spans = ofOne.map(({ span }) => span).sort((a, b) => a.fromMs - b.fromMs);
    overlaps += spans.filter(({ fromMs }, index) =>
      spans.slice(0, index).some(({ untilMs }) => untilMs > fromMs),
    ).length;
  }
  return overlaps;
}
