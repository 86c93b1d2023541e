import { systemClock } from "../../core/base/clock.ts";
import { refused } from "../../core/base/errors.ts";
import { missingSettings, type Settings } from "../../core/base/settings.ts";
import type { Place } from "../../core/conversation/place.ts";
import { platforms } from "../../core/platforms/index.ts";
import type { Mailbox } from "../../core/platforms/mailbox.ts";
import type { Platform } from "../../core/platforms/platform.ts";
import type { Channel } from "../../core/turn/ports.ts";

/** Where the platforms that are on are listed, only they are; else every platform is that has its settings. */
const isOn = (name: string, settings: Settings): boolean =>
  !settings["TALARIA_PLATFORMS"] || settings["TALARIA_PLATFORMS"].split(",").includes(name);

export const openPlatforms =
  (settings: Settings) =>
  async (name: string): Promise<Platform | undefined> =>
    Object.hasOwn(platforms, name) && isOn(name, settings) ? platforms[name]?.() : undefined;

/** Connects a platform the first time something is sent there; the connection lives as long as the function. */
export function openChannels(settings: Settings, mailbox: (platform: string) => Mailbox) {
  const platformOf = openPlatforms(settings);
  const connected = new Map<string, Promise<Channel>>();

  async function connect(name: string): Promise<Channel> {
    const platform = await platformOf(name);
    const missing = platform ? missingSettings(platform.settings, settings) : [];
    if (!platform || missing.length > 0)
      throw refused(`${name} is not set up here${missing.length > 0 ? `: ${missing.join(", ")} has no value` : ""}.`, {
        code: "platform.not-set-up",
      });
    const outbound = await platform.connect(settings, { clock: systemClock, mailbox: mailbox(name) });
    return { platform, outbound };
  }

  return (place: Place): Promise<Channel> => {
    const channel = connected.get(place.platform) ?? connect(place.platform);
    connected.set(place.platform, channel);
    channel.catch(() => connected.delete(place.platform));
    return channel;
  };
}
