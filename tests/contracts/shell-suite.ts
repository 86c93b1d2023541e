/** What every shell must do; each backend's test calls it with a backend of its own and the gaps it declares. */
import { beforeAll, afterAll, afterEach, describe, it } from "vitest";
import { randomUUID } from "node:crypto";
import { runInSession } from "../../core/shells/session.ts";
import type { ShellBackend, Workspace } from "../../core/shells/shell.ts";
import { type ShellBench, type ShellGap, timeoutMs } from "./shell-bench.ts";
import { boundsCases } from "./shell-bounds.ts";
import { jobCases } from "./shell-jobs.ts";
import { processCases } from "./shell-processes.ts";
import { scriptCases } from "./shell-scripts.ts";
import { sessionCases } from "./shell-sessions.ts";
import { workspaceCases } from "./shell-workspaces.ts";

const processGaps: ReadonlySet<ShellGap> = new Set(["new-sessions", "own-session"]);

export function shellSuite(
  name: string,
  make: () => Promise<ShellBackend>,
  gaps: readonly ShellGap[] = [],
  waiting: ShellBench["waiting"] = describe.concurrent,
): void {
  describe(`${name} as a shell`, () => {
    let backend: ShellBackend;
    let workspace: Workspace;
    beforeAll(async () => {
      backend = await make();
      workspace = await backend.acquire("first");
    });
    let ran = 0;
    afterEach(({ task }) => {
      if (task.result?.state !== "skip") ran += 1;
    });
    afterAll(async () => {
      console.log(`${name}: ${ran} cases of the shell suite`);
      await backend.hibernate?.("first");
      await backend.close?.();
    });

    const bench: ShellBench = {
      backend: () => backend,
      workspace: () => workspace,
      run: (script, options = {}) => workspace.run(script, { timeoutMs, ...options }),
      newSession: () => {
        const session = `s-${randomUUID()}`;
        return (command, options = {}) => runInSession(workspace, { session, command, timeoutMs, ...options });
      },
      // What has no programs has no processes either.
      only: (gap) =>
        gaps.includes(gap) || (processGaps.has(gap) && gaps.includes("programs")) ? (it.skip as typeof it) : it,
      waiting,
    };
    scriptCases(bench);
    boundsCases(bench);
    processCases(bench);
    workspaceCases(bench);
    sessionCases(bench);
    if (!gaps.includes("programs")) jobCases(bench);
  });
}
