import type { Settings, SettingSpec } from "../base/settings.ts";

/** Whose memory it is: what is learnt in one profile, or from one person, is never recalled for another. */
export interface Remembered {
  profile: string;
  /** The person in a direct chat, the conversation in a group. */
  owner: string;
  session: string;
}

/** A turn that was delivered. */
export interface Exchange extends Remembered {
  /** Unique: the same turn may be handed over twice after a crash. */
  turn: string;
  /** What the person said, in the order it came. */
  said: string;
  /** What was answered. */
  answered: string;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * A memory outside of Talaria, beside the notebooks. Its text is shown to the model as recalled, never as the person's
 * words. It may throw anything and take any time: whoever calls it (external.ts) bounds both.
 */
export interface MemoryProvider {
  /** What it knows that helps to answer this message; "" when there is nothing. Called before the first step of a turn. */
  prefetch(message: string, about: Remembered): Promise<string>;
  /** Takes in a turn. Called after delivery; an exchange that it knows already must not count twice, if it can tell. */
  sync(exchange: Exchange): Promise<void>;
}

/** A kind of external memory: one file each, chosen by its name in TALARIA_MEMORY_PROVIDER. */
export interface MemoryProviderKind {
  name: string;
  settings: readonly SettingSpec[];
  /** Makes no call yet; throws a refused TalariaError when a required setting is missing. */
  connect(settings: Settings): Promise<MemoryProvider>;
}
