import { newId } from "../base/ids.ts";
import type { Inbound } from "../conversation/inbound.ts";
import { enqueue, type EnqueuePorts } from "../gateway/enqueue.ts";
import type { Door, Doors } from "../store/doorbells.ts";
import type { Doorbells } from "../tools/tool.ts";
import type { Doorstep } from "../store/doorbells.ts";

/** What a job says when it rings: it has ended, or its output matched what somebody waits for, for the n-th time. */
export interface Ring {
  job: string;
  event: "ended" | "matched";
  number: number;
}

export interface RingPorts extends EnqueuePorts {
  store: EnqueuePorts["store"] & { doors: Doors };
  /** What there is to say about the job, for the model, when it looks for itself: a ring is only a hint. */
  newsOf(door: Door, ring: Ring): Promise<News>;
}

export interface News {
  text: string;
  /** The job has really ended, or is gone. */
  isOver: boolean;
}

/** `unknown`: no such door, yet. `closed`: nobody wants to know. `busy`: it rang a moment ago, so it has to ring again. */
export type RingAnswer = "accepted" | "unknown" | "closed" | "busy";

/** Least time between two rings for what is watched (as in Hermes Agent), and between two that say it is over. */
const gapMs = { matched: 15_000, ended: 3_000 };

/**
 * A job rings: its conversation is woken, or told. Nothing of it is believed but that something happened, and ringing
 * often is no use: a job that somebody else controls could otherwise make us work.
 */
export async function ring(given: Ring, ports: RingPorts): Promise<RingAnswer> {
  const door = await ports.store.doors.find(given.job);
  if (!door) return "unknown";
  if (door.rings === "closed") return "closed";
  const count = await ports.store.doors.countRing(given.job, gapMs[given.event]);
  if (count === undefined) return given.event === "ended" ? "busy" : "accepted";
  if (door.rings === "wake") await enqueue(door.conversation, messageOf(given, door, `${count}`, "", ports), ports);
  else await tell(given, door, count, ports);
  return "accepted";
}

/** The end of a job is told once, and only when it is true. */
async function tell(given: Ring, door: Door, count: number, ports: RingPorts): Promise<void> {
  const { text, isOver } = await ports.newsOf(door, given);
  if (given.event === "ended" && !isOver) return;
  await enqueue(door.conversation, messageOf(given, door, isOver ? "over" : `${count}`, text, ports), ports);
  if (isOver) await ports.store.doors.open(given.job, { ...door, rings: "closed" });
}

const messageOf = ({ job }: Ring, door: Door, number: string, text: string, { clock }: RingPorts): Inbound => ({
  key: `ring:${job}:${door.rings}:${number}`,
  place: door.place,
  sender: { id: door.sender },
  text,
  rang: { job, tell: door.rings === "tell" },
  sentAt: clock.now(),
  order: "",
});

/** The doors of one conversation's jobs. `url` is where functions/shell is reached. */
export const doorbellsOf = (doors: Doors, url: string, doorstep: Doorstep): Doorbells => ({
  create() {
    const id = newId("job");
    return { id, url: `${url.replace(/\/$/, "")}/shell/jobs/${id}` };
  },
  open: (id, rings) => doors.open(id, { ...doorstep, rings }),
  close: (id) => doors.open(id, { ...doorstep, rings: "closed" }),
});
