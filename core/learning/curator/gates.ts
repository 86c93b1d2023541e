/** Whether the curator shall run now. Pure. */
import type { CuratorState } from "../../store/curator.ts";
import type { CuratorSettings } from "./ports.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;

export type Gate =
  | { go: true }
  /** The first look of all: the clock starts, and nothing is touched before one interval has gone. */
  | { go: false; seeds: true; reason: string }
  | { go: false; seeds: false; reason: string };

const stay = (reason: string): Gate => ({ go: false, seeds: false, reason });

/** The gates that need nothing but the curator's own record. */
export function gateOf(state: CuratorState, settings: CuratorSettings, now: number): Gate {
  if (!settings.enabled) return stay("it is switched off in agent.config.ts");
  if (state.isPaused) return stay("it is paused");
  // What was broken off is finished first.
  if (state.run !== null) return { go: true };
  if (state.lastRunAt === 0)
    return { go: false, seeds: true, reason: "this is its first look; it begins one interval from now" };
  const dueAt = state.lastRunAt + settings.intervalHours * hourMs;
  return now < dueAt ? stay(`the next run is due ${new Date(dueAt).toISOString()}`) : { go: true };
}

/**
 * Whoever is at work now shall not have the library change under his hands. Says why a run is put off, or nothing when
 * nobody had a turn or used a skill for long enough. Nothing is lost by it: the next look asks again.
 */
export function whyBusy(lastUseAt: number, { idleHours }: CuratorSettings, now: number): string | undefined {
  const idleMs = now - lastUseAt;
  if (idleMs >= idleHours * hourMs) return undefined;
  const minutes = Math.max(0, Math.floor(idleMs / minuteMs));
  return `the agent was in use ${minutes} min ago; it is tried again with every look, until nobody has used it for ${idleHours} hours`;
}
