/** What every shell must do; each backend's test calls it with a backend of its own and the gaps it declares. */
import { beforeAll, afterAll, describe, it } from "vitest";
import { randomUUID } from "node:crypto";
import { runInSession } from "../../core/shells/session.ts";
import type { ShellBackend, Workspace } from "../../core/shells/shell.ts";
import { type ShellBench, type ShellGap, timeoutMs } from "./shell-bench.ts";
import { boundsCases } from "./shell-bounds.ts";
import { scriptCases } from "./shell-scripts.ts";
import { sessionCases } from "./shell-sessions.ts";
import { workspaceCases } from "./shell-workspaces.ts";

export function shellSuite(name: string, make: () => Promise<ShellBackend>, gaps: readonly ShellGap[] = []): void {
  describe(`${name} as a shell`, () => {
    let backend: ShellBackend;
    let workspace: Workspace;
    beforeAll(async () => {
      backend = await make();
      workspace = await backend.acquire("first");
    });
    afterAll(() => backend.hibernate?.("first"));

    const bench: ShellBench = {
      backend: () => backend,
      workspace: () => workspace,
      run: (script, options = {}) => workspace.run(script, { timeoutMs, ...options }),
      newSession: () => {
        const session = `s-${randomUUID()}`;
        return (command, options = {}) => runInSession(workspace, { session, command, timeoutMs, ...options });
      },
      only: (gap) => (gaps.includes(gap) ? (it.skip as typeof it) : it),
    };
    scriptCases(bench);
    boundsCases(bench);
    workspaceCases(bench);
    sessionCases(bench);
  });
}
