import { newId } from "../base/ids.ts";
import type { Json } from "../base/json.ts";
import { pack, unpack } from "../base/json.ts";
import type { WorkspaceRecords } from "../shells/shell.ts";
import { listingIndex, workspaceKey } from "./keys.ts";
import type { Item, Table } from "./table.ts";

/** A workspace that was used and may be awake. */
export interface UsedWorkspace {
  workspace: string;
  /** Milliseconds since 1970. */
  usedAt: number;
}

/** What is remembered of workspaces: what their backend needs to find them again, and when they were last used. */
export interface Workspaces {
  records: WorkspaceRecords;
  /** Notes that it is in use; at most once a minute for one workspace. */
  touch(workspace: string): Promise<void>;
  /** Workspaces that nobody has used since, longest first: a hundred at most. */
  idleSince(time: number): Promise<UsedWorkspace[]>;
  /**
   * Claims it for putting it to sleep, for ten minutes; `undefined` when somebody used or claimed it since. Who uses it
   * meanwhile ends the claim.
   */
  claim(used: UsedWorkspace): Promise<string | undefined>;
  /** Takes it off the list of used ones, unless somebody used it since it was claimed. */
  rest(workspace: string, claim: string): Promise<void>;
}

const listing = "SHELLS";
const touchEveryMs = 60_000;
/** Longer than the function that puts it to sleep may run. */
const claimMs = 11 * 60_000;

const toUsed = (item: Item): UsedWorkspace => ({
  workspace: String(item["workspace"]),
  usedAt: Number(item["usedAt"]),
});

export function openWorkspaces(table: Table, profile: string, now: () => number): Workspaces {
  const keyOf = (workspace: string) => workspaceKey(profile, workspace);

  async function read(workspace: string) {
    const item = await table.get(keyOf(workspace));
    if (item?.["body"] === undefined) return undefined;
    return { value: unpack(item["body"] as Uint8Array) as Json, version: Number(item["version"]) };
  }

  async function write(workspace: string, value: Json, version: number): Promise<boolean> {
    const changed = await table.change(keyOf(workspace), {
      update: "SET body = :body, version = :next",
      condition: version === 0 ? "attribute_not_exists(version)" : "version = :version",
      values: { ":body": pack(value), ":next": version + 1, ...(version > 0 && { ":version": version }) },
    });
    return changed !== undefined;
  }

  async function touch(workspace: string): Promise<void> {
    const time = now();
    await table.change(keyOf(workspace), {
      update: "SET workspace = :workspace, usedAt = :now, listing = :listing, listedAt = :listedAt REMOVE resting",
      condition: "attribute_not_exists(listing) OR usedAt < :before OR attribute_exists(resting)",
      values: {
        ":workspace": workspace,
        ":now": time,
        ":before": time - touchEveryMs,
        ":listing": listing,
        ":listedAt": new Date(time).toISOString(),
      },
    });
  }

  async function idleSince(time: number): Promise<UsedWorkspace[]> {
    const items = await table.list({
      index: listingIndex,
      eventually: true,
      where: "listing = :listing AND listedAt < :before",
      values: { ":listing": listing, ":before": new Date(time).toISOString() },
      limit: 100,
    });
    return items.map(toUsed);
  }

  async function claim({ workspace, usedAt }: UsedWorkspace): Promise<string | undefined> {
    const resting = newId("claim");
    const claimed = await table.change(keyOf(workspace), {
      update: "SET resting = :resting, listedAt = :listedAt",
      condition: "usedAt = :usedAt AND listedAt < :now",
      values: {
        ":resting": resting,
        ":usedAt": usedAt,
        ":listedAt": new Date(now() + claimMs).toISOString(),
        ":now": new Date(now()).toISOString(),
      },
    });
    return claimed && resting;
  }

  async function rest(workspace: string, resting: string): Promise<void> {
    await table.change(keyOf(workspace), {
      update: "REMOVE listing, listedAt, resting",
      condition: "resting = :resting",
      values: { ":resting": resting },
    });
  }

  return { records: { read, write }, touch, idleSince, claim, rest };
}
