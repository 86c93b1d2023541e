import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "../../core/base/json.ts";
import { scheduleRecord, type ScheduleRecord } from "./schedule.ts";

/** Schedules on disk: a folder for each group, a file for each schedule. Names were checked before they come here. */
export interface ScheduleStore {
  groups(): string[];
  createGroup(group: string): void;
  /** Removes its schedules too. */
  deleteGroup(group: string): void;
  /** Every schedule that can be read; a file that cannot is left alone. */
  load(): ScheduleRecord[];
  save(record: ScheduleRecord): void;
  delete(record: ScheduleRecord): void;
}

export function openScheduleStore(folder: string): ScheduleStore {
  const fileOf = ({ group, name }: ScheduleRecord) => join(folder, group, `${name}.json`);
  mkdirSync(join(folder, "default"), { recursive: true });
  return {
    groups: () => readdirSync(folder),
    createGroup: (group) => void mkdirSync(join(folder, group), { recursive: true }),
    deleteGroup: (group) => rmSync(join(folder, group), { recursive: true, force: true }),
    load: () =>
      readdirSync(folder)
        .flatMap((group) => readdirSync(join(folder, group)).map((file) => join(folder, group, file)))
        .filter((file) => file.endsWith(".json"))
        .flatMap((file) => scheduleRecord.safeParse(parseJson(readFileSync(file, "utf8"))).data ?? []),
    save(record) {
      if (!existsSync(join(folder, record.group))) return;
      writeFileSync(`${fileOf(record)}.new`, JSON.stringify(record));
      renameSync(`${fileOf(record)}.new`, fileOf(record));
    },
    delete: (record) => rmSync(fileOf(record), { force: true }),
  };
}
