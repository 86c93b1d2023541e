import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { chown, mkdir } from "node:fs/promises";
import { bashArguments } from "../core/shells/local/process.ts";
import { scriptEnvironment } from "../core/shells/local/runner.ts";

/** Whom scripts run as, and where. */
export interface Account {
  home: string;
  /** Absent where the agent is nobody special itself: scripts then run as it does. */
  uid: number | undefined;
}

/** The first ordinary user of a Linux image; of Node's own image it is `node`. */
const scriptUid = 1000;

/** Makes the home. Where we are root, scripts are not: they could read the agent's memory, and with it its token. */
export async function openAccount(home: string): Promise<Account> {
  await mkdir(home, { recursive: true });
  if (process.getuid?.() !== 0) return { home, uid: undefined };
  await chown(home, scriptUid, scriptUid);
  return { home, uid: scriptUid };
}

/** No capability is left, and no program can give any back. */
const becomeUser = (uid: number | undefined): string[] =>
  uid === undefined
    ? []
    : ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--no-new-privs"].concat([
        "--inh-caps=-all",
        "--bounding-set=-all",
        "--",
      ]);

/** No core dump, which would hold the environment; 4,096 open files and processes. */
const limits = "ulimit -c 0; ulimit -n 4096; ulimit -u 4096";

/** The default of the limit that serves as a mark (Linux, mq_overview(7)); nobody may raise it again. */
const highestMark = 819_200;

/**
 * Each script's processes bear a mark that nothing takes away from them: a limit on POSIX message queues, which nobody
 * uses. A variable of the environment would be dropped by some shells and saved by sessions.
 */
const markOf = (script: number): number => highestMark - 1 - (script % (highestMark - 1));

export const scriptCommand = ({ uid }: Account, script: number): string[] => [
  ...becomeUser(uid),
  ...bashArguments(`${limits}; ulimit -q ${markOf(script)}`),
];

/** Nothing of the agent's own environment: no token, no address of a credentials service. */
export const environmentOf = ({ home }: Account): Record<string, string> => scriptEnvironment(home);

/** Starts a program of ours as the user: the workspace's files can then do no more than the user could. */
export const spawnAsUser = (account: Account, command: string[], stdio: StdioOptions): ChildProcess => {
  const [program = "", ...rest] = [...becomeUser(account.uid), ...command];
  return spawn(program, rest, { cwd: account.home, env: scriptEnvironment(account.home), stdio });
};

/** A fork may slip through one look; a fork bomb is held by the limit of processes. */
const maxSweeps = 5;

/** Ends whatever a script has started, also what left its process group. */
export async function endLeftovers(account: Account, script: number): Promise<void> {
  // Only the user itself may look at its processes: root in a container has no right to trace.
  const sweep = `found=$(grep -lE '^Max msgqueue size +${markOf(script)} ' /proc/[0-9]*/limits 2>/dev/null | cut -d/ -f3)
[ -n "$found" ] || exit 0
kill -9 $found 2>/dev/null; exit 1`;
  for (let sweeps = 0; sweeps < maxSweeps; sweeps += 1)
    if ((await exitCodeOf(spawnAsUser(account, ["sh", "-c", sweep], "ignore"))) === 0) return;
}

/** Rejects when the program could not be started. */
export const exitCodeOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 137));
  });
