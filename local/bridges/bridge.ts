import type { Clock } from "../../core/base/clock.ts";
import type { Settings } from "../../core/base/settings.ts";

/** What a bridge is handed. */
export interface BridgeOptions {
  /** Root of the local front, for example `http://127.0.0.1:8787`. */
  url: string;
  settings: Settings;
  clock: Clock;
  /** Shows the person one line. */
  notify(line: string): void;
  /** Aborted when the instance stops. */
  signal: AbortSignal;
}

/**
 * Fetches a platform's messages from a machine that the platform cannot reach, and hands each to the same ingress that
 * takes its webhooks.
 *
 * A message must not be confirmed to the platform before the ingress has taken it: the ingress answers only when the
 * message is durable, and drops one that it has already, so nothing is lost or doubled by a crash in between.
 */
export interface Bridge {
  platform: string;
  /** How the platform is reached, in the words of the banner. */
  means: string;
  /** The person's settings without which there is no bridge. */
  needs: readonly string[];
  /** The setting that proves a request to the ingress. Only the bridge and the ingress know it, so one can be made. */
  secret: string;
  /** Resolves soon after the signal aborts, or when going on is of no use; the person has then been told. Never rejects. */
  run(options: BridgeOptions): Promise<void>;
}
