import { systemClock, type Clock } from "../../core/base/clock.ts";
import { messageOf } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import type { Bridge, BridgeOptions } from "./bridge.ts";
import { slackBridge } from "./slack.ts";
import { telegramBridge } from "./telegram.ts";

const bridges: readonly Bridge[] = [slackBridge, telegramBridge];

/** The bridges that these settings ask for. A public URL means that the platforms reach us by themselves. */
export const bridgesFor = (settings: Settings): readonly Bridge[] =>
  settings["TALARIA_PUBLIC_URL"] ? [] : bridges.filter(({ needs }) => needs.every((name) => settings[name]));

export const bridgeOf = (platform: string): Bridge | undefined =>
  bridges.find((bridge) => bridge.platform === platform);

/** Settings that a person need not make where a bridge is used. */
export const bridgeSecretNames: ReadonlySet<string> = new Set(bridges.map(({ secret }) => secret));

export interface RunningBridges {
  /** Resolves when nothing is fetched any more. */
  close(): Promise<void>;
}

export type StartOptions = Omit<BridgeOptions, "signal" | "clock"> & { clock?: Clock };

/** Starts every bridge that the settings ask for. */
export function startBridges({ clock = systemClock, ...options }: StartOptions): RunningBridges {
  const stopping = new AbortController();
  const running = bridgesFor(options.settings).map(async (bridge) => {
    try {
      await bridge.run({ ...options, clock, signal: stopping.signal });
    } catch (error) {
      options.notify(`The bridge to ${bridge.platform} ended by a fault of its own: ${messageOf(error)}`);
    }
  });
  return {
    async close() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
