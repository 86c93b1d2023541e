import { systemClock } from "../../core/base/clock.ts";
import { messageOf } from "../../core/base/errors.ts";
import type { Log } from "../../core/base/log.ts";
import { type AllowList, allowListOf, isOwner } from "../../core/gateway/authorise.ts";
import type { CuratorNotice, CuratorPorts } from "../../core/learning/curator/ports.ts";
import type { Platform } from "../../core/platforms/platform.ts";
import { openActivity } from "../../core/store/activity.ts";
import { openBlobs } from "../../core/store/blobs.ts";
import { openCosts } from "../../core/store/costs.ts";
import { type CuratorRecords, notebooksOf } from "../../core/store/curator.ts";
import { dynamoDbSdk } from "../../core/store/dynamodb-sdk.ts";
import { openMailbox } from "../../core/store/mailbox.ts";
import { openTable } from "../../core/store/table.ts";
import { buttonsOf } from "../../core/turn/deliver.ts";
import type { Channel } from "../../core/turn/ports.ts";
import { sendText } from "../../core/turn/send-text.ts";
import type { Place } from "../../core/conversation/place.ts";
import { openChannels, openPlatforms } from "./channels.ts";
import { composeApply, type CuratorStores, curatorSettings } from "./curator-parts.ts";
import type { Environment } from "./environment.ts";
import { openLog } from "./log.ts";
import { connectModel } from "./model.ts";
import { once } from "./once.ts";

const now = () => systemClock.now();

/** What a run is made of: skills, notebooks and a model. No session, no conversation, no shell. */
export function composeCurator(environment: Environment): CuratorPorts {
  const { profile, settings } = environment;
  const table = openTable(environment.table, dynamoDbSdk());
  const log = openLog(settings, "curator");
  const stores: CuratorStores = {
    table,
    blobs: openBlobs(environment.bucket),
    profile,
    settings: curatorSettings(settings),
  };
  const apply = composeApply(stores);
  const platform = openPlatforms(settings);
  const channel = openChannels(settings, (platform) => openMailbox(table, profile, platform, now));
  return {
    ...apply,
    notebooks: async () => (await notebooksOf(table, profile)).map(({ name, owner }) => apply.notebook(name, owner)),
    lastTurnAt: openActivity(table, profile, now).lastTurnAt,
    // Cron jobs do not exist yet; when they do, the skills that they name belong here.
    referencedSkills: async () => new Set(),
    model: once(() => connectModel(settings)),
    costs: openCosts(table, profile),
    notify: (notice) =>
      tell(notice, { records: apply.records, channel, log, allowed: allowListOf(settings), platform }),
    settings: stores.settings,
    clock: systemClock,
    log,
  };
}

interface Teller {
  records: CuratorRecords;
  allowed: AllowList;
  platform(name: string): Promise<Platform | undefined>;
  channel(place: Place): Promise<Channel>;
  log: Log;
}

/**
 * Where an owner last spoke of the curator, or was first told of something learnt; else to the first named owner whose
 * direct chat is known by their id.
 */
async function addressOf({ records, allowed, platform }: Teller): Promise<Place | undefined> {
  const { tellAt, tellTo } = (await records.read()).state;
  if (tellAt !== null && isOwner(tellTo, allowed)) return tellAt;
  for (const owner of allowed.owners) {
    const [, name = "", id = ""] = /^([^:]*):(.*)$/.exec(owner) ?? [];
    const place = (await platform(name))?.directChatOf?.(id);
    if (place) return place;
  }
  return undefined;
}

/** What does not arrive is in the report, too. */
async function tell({ id, text, buttons }: CuratorNotice, teller: Teller): Promise<void> {
  const { channel, log } = teller;
  const place = await addressOf(teller);
  if (!place)
    return log.warn("curator.nobody-to-tell", { cure: "an owner says /curator in a direct chat: notices go there" });
  try {
    const there = await channel(place);
    const notice = { markdown: text, key: id, isInDoubt: false, ...buttonsOf({ ...(buttons && { buttons }) }, there) };
    await sendText({ ...there, clock: systemClock }, place, notice);
  } catch (error) {
    log.warn("curator.not-told", { error: messageOf(error) });
  }
}
