import { retryable, refused } from "../base/errors.ts";
import { checkedWorkspaceId, type Exec, remoteWorkspace } from "./remote.ts";
import { defineShell } from "./shell.ts";
import { checkSshEgress, connectSsh, type SshConnection, sshFolder, sshSettings } from "./ssh-connection.ts";

const image = {
  name: "TALARIA_SINGULARITY_IMAGE",
  required: true,
  secret: false,
  help: "Image on the cluster's login machine (a .sif file or an address that it can fetch); it needs bash, coreutils, grep and util-linux.",
};

const folder = "/workspace";

const description =
  "A private container (Singularity or Apptainer) on a machine over ssh, without root. " +
  `${folder} is your home; it and changes to the system last. The network is that of the machine.`;

/** A container for each workspace on a machine without Docker, as on a computing cluster; reached over ssh. */
export const singularity = defineShell({
  name: "singularity",
  settings: [...sshSettings, image],
  async summary(settings) {
    checkSshEgress("singularity", settings);
    return `containers of ${settings[image.name]} on ${settings["TALARIA_SSH_HOST"]} over ssh (Singularity or Apptainer)`;
  },
  async connect(settings, { clock }) {
    checkSshEgress("singularity", settings);
    const imageName = settings[image.name];
    if (!imageName) throw refused(`${image.name} is not set.`);
    const connection = await connectSsh(settings, clock);
    return {
      description,
      async acquire(workspace) {
        const name = nameOf(workspace);
        await say(connection, [start, name, `${sshFolder(settings)}/${workspace}`, imageName]);
        // Its files are its own, but services on the machine's localhost are in reach.
        return remoteWorkspace({ exec: execIn(connection.exec, name), isIsolated: false, folder });
      },
      hibernate: (workspace) => say(connection, [stop, nameOf(workspace)]),
      close: connection.close,
    };
  },
});

const nameOf = (workspace: string): string => `talaria-${checkedWorkspaceId(workspace)}`;

/** The program has two names, and a cluster has one of them. */
const program = `
program=$(command -v apptainer || command -v singularity) ||
  { echo "There is neither apptainer nor singularity on this machine."; exit 1; }`;

/**
 * An instance, so that processes live on between scripts. What it changes outside of the folder is in the overlay.
 * Locked, because two who ask at once get one instance; which must not inherit the lock.
 */
const start = `${program}
name=$1 folder=$2 image=$3
case $folder in "~/"*) folder=$HOME/\${folder#"~/"} ;; esac
mkdir -p "$folder/overlay" "$folder/files" && chmod 700 "$folder" || exit 1
exec 9> "$folder/lock" && flock -w 120 9 || exit 1
"$program" instance list "$name" 2>/dev/null | grep -qw -e "$name" && exit 0
"$program" instance start --containall --overlay "$folder/overlay" --bind "$folder/files:${folder}" \\
  "$image" "$name" </dev/null 9>&-`;

const stop = `${program}
"$program" instance list "$1" 2>/dev/null | grep -qw -e "$1" || exit 0
exec "$program" instance stop "$1" </dev/null`;

const enter = `${program}
name=$1; shift
exec "$program" exec --cleanenv --pwd / "instance://$name" "$@"`;

const bash = ([script = "", ...words]: readonly string[]) => [
  "bash",
  "--noprofile",
  "--norc",
  "-c",
  script,
  "bash",
  ...words,
];

const execIn =
  (exec: Exec, name: string): Exec =>
  (command, io) =>
    exec(bash([enter, name, ...command]), io);

const startTimeoutMs = 300_000;
const maxSaidBytes = 2_000;

/** Runs one of the scripts above on the machine itself; what it said is the error when it failed. */
async function say({ exec }: SshConnection, script: readonly string[]): Promise<void> {
  let said = "";
  const onOutput = (chunk: Uint8Array) => (said = (said + Buffer.from(chunk).toString("utf8")).slice(-maxSaidBytes));
  const signal = AbortSignal.timeout(startTimeoutMs);
  const exitCode = await exec(bash(script), { stdin: Buffer.alloc(0), onOutput, signal });
  if (exitCode !== 0)
    throw retryable(`The container could not be reached: ${said.trim() || `exit code ${exitCode}`}`, {
      code: "shell.failed",
    });
}
