import { systemClock } from "../../core/base/clock.ts";
import type { Settings } from "../../core/base/settings.ts";
import { curatedNotebook } from "../../core/learning/curator/curated-notebook.ts";
import {
  type ApplyPorts,
  type CuratorPorts,
  type CuratorSettings,
  defaultCuratorSettings,
} from "../../core/learning/curator/ports.ts";
import type { Blobs } from "../../core/store/bodies.ts";
import { openCuratorRecords } from "../../core/store/curator.ts";
import { openLedger } from "../../core/store/ledger.ts";
import { openNotebook } from "../../core/store/notebooks.ts";
import { openProposals } from "../../core/store/proposals.ts";
import { openSkillLibrary } from "../../core/store/skills.ts";
import type { Table } from "../../core/store/table.ts";
import { oneOf } from "./setting-values.ts";

export function curatorSettings(settings: Settings): CuratorSettings {
  const mode = oneOf(settings, "TALARIA_CURATOR", ["on", "off", "auto"]);
  return {
    ...defaultCuratorSettings,
    enabled: mode !== "off",
    auto: mode === "auto",
    pruneBundled: oneOf(settings, "TALARIA_CURATOR_PRUNE_BUNDLED", ["0", "1"]) === "1",
  };
}

const now = () => systemClock.now();

export interface CuratorStores {
  table: Table;
  blobs: Blobs;
  profile: string;
  settings: CuratorSettings;
}

/** What a proposal is done with: everything under the curator's name. A chat command needs it, too. */
export function composeApply({
  table,
  blobs,
  profile,
  settings,
}: CuratorStores): ApplyPorts & Pick<CuratorPorts, "records" | "files"> {
  const ledger = openLedger(table, profile, now);
  return {
    skills: openSkillLibrary({
      table,
      blobs,
      ledger,
      profile,
      actor: "curator",
      now,
      mayPruneBundled: settings.pruneBundled,
    }),
    notebook: (name, owner) =>
      curatedNotebook(
        openNotebook(table, { profile, name, actor: "curator", ...(owner !== undefined && { owner }) }, ledger, now),
        now,
      ),
    proposals: openProposals(table, profile),
    records: openCuratorRecords(table, profile, now),
    files: {
      put: (path, body) => blobs.put(`curator/${encodeURIComponent(profile)}/${path}`, body),
      get: (path) => blobs.get(`curator/${encodeURIComponent(profile)}/${path}`),
    },
  };
}
