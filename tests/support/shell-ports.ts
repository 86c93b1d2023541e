/** What a shell backend is handed, in memory: for tests of one backend, without a cloud. */
import { systemClock } from "../../core/base/clock.ts";
import type { Json } from "../../core/base/json.ts";
import type { ShellPorts, WorkspaceRecords } from "../../core/shells/shell.ts";

/** Records with real versions, so that a backend that forgets to compare them loses here too. */
export function memoryRecords(): WorkspaceRecords {
  const records = new Map<string, { value: Json; version: number }>();
  return {
    read: async (workspace) => records.get(workspace),
    async write(workspace, value, version) {
      if ((records.get(workspace)?.version ?? 0) !== version) return false;
      records.set(workspace, { value, version: version + 1 });
      return true;
    },
  };
}

const noArchives = () => Promise.reject(new Error("this test has no archives"));

export const shellPorts = (changes: Partial<ShellPorts> = {}): ShellPorts => ({
  clock: systemClock,
  log: { info() {}, warn() {}, error() {} },
  records: memoryRecords(),
  archives: { readUrl: noArchives, writeUrl: noArchives },
  ...changes,
});
