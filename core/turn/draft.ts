import type { Place } from "../conversation/place.ts";
import type { RunningTurn } from "../conversation/turn.ts";
import { wasNotSent } from "./patience.ts";
import { splitReply } from "../gateway/split.ts";
import type { Turn } from "./load.ts";
import type { Channel, TurnPorts } from "./ports.ts";

/** Less than this is not worth a message yet (as in Hermes Agent). */
const minDraftLength = 24;
const cursor = "▌";
/** A line that closes a code fence must stay one: the cursor then takes a line of its own. */
const withCursor = (text: string) => text + (/(^|\n)\s*(```|~~~)\S*\s*$/.test(text) ? "\n" : " ") + cursor;

/**
 * The reply while it is written: a message created once and then edited, no faster than the platform allows, which
 * the delivery turns into the final text. Its id is saved before the first edit, so a worker that takes over goes on
 * with the same message.
 */
export interface Draft {
  /** All text so far; shows it when it is time to. */
  show(text: string): void;
  /** Waits for what is under way; nothing is shown afterwards. */
  settle(): Promise<void>;
}

const silentDraft: Draft = { show() {}, async settle() {} };

export function startDraft(turn: Turn, place: Place, { platform, outbound }: Channel, ports: TurnPorts): Draft {
  const { limits } = platform;
  const isGroup = place.kind === "group";
  const minEditIntervalMs = (isGroup ? limits.minGroupEditIntervalMs : undefined) ?? limits.minEditIntervalMs;
  const edit = outbound.edit?.bind(outbound);
  if (!edit || minEditIntervalMs === undefined || turn.record?.draft?.status === "creating") return silentDraft;
  const { session } = turn.input;
  let lastShownAt = ports.clock.now();
  let isClosed = false;
  let underWay: Promise<void> | undefined;

  const render = (text: string) => splitReply(text, platform).at(0) ?? "";

  async function create(text: string): Promise<void> {
    const creating: RunningTurn = {
      status: "running",
      turn: turn.input.turn,
      startedAt: turn.startedAt,
      draft: { status: "creating" },
    };
    if (!(await ports.store.turns.setDraft(session, creating))) return;
    turn.record = creating;
    const idempotencyKey = `${session}-${turn.input.turn}-draft`;
    try {
      const { id } = await outbound.send(place, render(text), { idempotencyKey });
      turn.record = { ...creating, draft: { status: "created", id } };
    } catch (error) {
      // Without an answer from the platform there may be a message whose id we do not know: the draft stays in doubt.
      if (!wasNotSent(error)) throw error;
      turn.record = { ...creating, draft: null };
    }
    await ports.store.turns.setDraft(session, turn.record);
  }

  async function show(text: string): Promise<void> {
    const draft = turn.record?.draft;
    if (draft?.status === "created") await edit?.(place, draft.id, render(text));
    else if (draft === undefined || draft === null) await create(text);
  }

  return {
    show(text) {
      const isDue = ports.clock.now() - lastShownAt >= minEditIntervalMs;
      if (isClosed || underWay || !isDue || text.length < minDraftLength) return;
      underWay = show(withCursor(text))
        .catch((error: unknown) => ports.log.warn("draft.failed", { reason: String(error) }))
        .finally(() => {
          underWay = undefined;
          lastShownAt = ports.clock.now();
        });
    },
    async settle() {
      isClosed = true;
      await underWay;
    },
  };
}
