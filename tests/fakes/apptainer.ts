/**
 * A program that takes the arguments of Apptainer that the singularity shell uses and runs an instance in bubblewrap.
 * It does not read images (the system's own programs are in it) and takes the overlay's folder without laying it over.
 * https://apptainer.org/docs/user/latest/running_services.html
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sandboxArguments, sandboxEntry } from "./bubblewrap-container.ts";

const script = (state: string) => `#!/bin/bash
fail() { echo "FATAL:   $1" >&2; exit 255; }
pid_of() { [ -s "${state}/$1" ] && kill -0 "$(cat "${state}/$1")" 2>/dev/null && cat "${state}/$1"; }
case "$1 $2" in
  "instance list")
    echo "INSTANCE NAME    PID    IP    IMAGE"
    pid=$(pid_of "$3") && echo "$3    $pid        image" ;;
  "instance start")
    [ "$3 $4 $6 $#" = "--containall --overlay --bind 9" ] || fail "unknown arguments: $*"
    [ -d "$5" ] || fail "no overlay folder $5"
    [ -e "$8" ] || fail "could not open image $8: no such file"
    pid_of "$9" >/dev/null && fail "instance $9 already exists"
    # What an earlier start said could be taken for this one's.
    rm -f "${state}/$9" "${state}/$9.info"; : > "${state}/$9.out"
    setsid bwrap ${sandboxArguments} --bind "\${7%%:*}" "\${7##*:}" --tmpfs /tmp --info-fd 3 -- \\
      sh -c 'echo ready; exec sleep infinity' 3> "${state}/$9.info" > "${state}/$9.out" 2>&1 < /dev/null &
    until grep -q ready "${state}/$9.out"; do kill -0 $! || fail "$(cat "${state}/$9.out")"; sleep 0.02; done
    sed -n 's/.*"child-pid": *\\([0-9]*\\).*/\\1/p' "${state}/$9.info" > "${state}/$9"
    echo "INFO:    instance started successfully" >&2 ;;
  "instance stop")
    pid=$(pid_of "$3") || fail "no instance found with name $3"
    kill -9 "$pid"; rm "${state}/$3"
    echo "INFO:    Stopping $3" >&2 ;;
  "exec --cleanenv")
    [ "$3 $4" = "--pwd /" ] || fail "unknown arguments: $*"
    pid=$(pid_of "\${5#instance://}") || fail "no instance found with name \${5#instance://}"
    shift 5
    exec env -i PATH=/usr/local/bin:/usr/bin:/bin nsenter --target "$pid" ${sandboxEntry} -- "$@" ;;
  *) fail "unknown command: $*" ;;
esac
`;

export interface FakeApptainer {
  /** Where the program is. */
  folder: string;
  /** As after a restart of the machine. */
  stopAll(): Promise<void>;
}

export async function writeApptainer(folder: string): Promise<FakeApptainer> {
  const state = join(folder, "instances");
  await mkdir(state, { recursive: true });
  await writeFile(join(folder, "apptainer"), script(state), { mode: 0o755 });
  return {
    folder,
    async stopAll() {
      for (const name of (await readdir(state)).filter((file) => !file.includes("."))) {
        const pid = Number(await readFile(join(state, name), "utf8"));
        // 0 would be our own group.
        if (!(pid > 1)) continue;
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended.
        }
      }
    },
  };
}
