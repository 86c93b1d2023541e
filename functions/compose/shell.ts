import { systemClock } from "../../core/base/clock.ts";
import { fatal, refused } from "../../core/base/errors.ts";
import type { Log } from "../../core/base/log.ts";
import { passedVariables } from "../../core/base/passthrough.ts";
import { missingSettings, type Settings } from "../../core/base/settings.ts";
import { declareSecrets } from "../../core/guard/declared-secrets.ts";
import { shells } from "../../core/shells/index.ts";
import { acquireLasting } from "../../core/shells/lifetime.ts";
import { withPassthrough } from "../../core/shells/passthrough.ts";
import type { Shell, ShellBackend, Workspace } from "../../core/shells/shell.ts";
import type { Table } from "../../core/store/table.ts";
import { openWorkspaces, type Workspaces } from "../../core/store/workspaces.ts";
import { openArchives } from "./archives.ts";
import type { Environment } from "./environment.ts";
import { once } from "./once.ts";

async function chooseShell(settings: Settings): Promise<Shell> {
  const name = settings["TALARIA_SHELL"] || "local";
  const load = Object.hasOwn(shells, name) ? shells[name] : undefined;
  if (!load) throw fatal(`TALARIA_SHELL names “${name}”. I know: ${Object.keys(shells).join(", ")}.`);
  const shell = await load();
  const missing = missingSettings(shell.settings, settings);
  if (missing.length === 0) return shell;
  throw refused(`The shell ${name} needs ${missing.join(" and ")}.`, { code: "shell.not-set-up" });
}

/** The shell of this deployment, connected on first use. */
export interface ComposedShell {
  backend(): Promise<ShellBackend>;
  workspaces: Workspaces;
  /** Names of the variables that its commands find in their environment. */
  passed: readonly string[];
  /**
   * Wakes a workspace on a machine that lasts so long (in milliseconds) where that ends no job. Notes that it is in use, so
   * that it is put to sleep when it is not any more.
   */
  acquire(workspace: string, forMs: number): Promise<Workspace>;
}

export function composeShell(environment: Environment, table: Table, log: Log): ComposedShell {
  const { settings, profile, bucket } = environment;
  const workspaces = openWorkspaces(table, profile, () => systemClock.now());
  const ports = { clock: systemClock, log, records: workspaces.records, archives: openArchives(settings, bucket) };
  const passed = passedVariables(settings);
  declareSecrets(passed.map(({ value }) => value));
  const backend = once(async () => (await chooseShell(settings)).connect(settings, ports));
  return {
    backend,
    workspaces,
    passed: passed.map(({ name }) => name),
    async acquire(id, forMs) {
      const waking = backend().then((shell) => acquireLasting(shell, id, { clock: systemClock, forMs }));
      const [awake] = await Promise.all([waking, workspaces.touch(id)]);
      return withPassthrough(awake, passed);
    },
  };
}
