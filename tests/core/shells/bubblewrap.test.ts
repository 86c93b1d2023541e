import { chown, copyFile, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { newId } from "../../../core/base/ids.ts";
import { killJob, listJobs, lookAtJob, startJob } from "../../../core/shells/jobs/jobs.ts";
import { localBackend } from "../../../core/shells/local/local.ts";
import { bubblewrapOfUser, ordinaryUser } from "../../support/ordinary-user.ts";
import { limitMemoryOf } from "../../support/small-memory.ts";
import { newFolder, sandboxesHere } from "./runners.ts";

const sandboxes = await sandboxesHere();
const timeoutMs = 15_000;

describe.each(sandboxes)("a script in a bubblewrap that $whose starts", ({ runner, withNetwork, folderOf, give }) => {
  const setUp = async () => {
    const data = await folderOf();
    const workspaces = join(data, "workspaces");
    await mkdir(workspaces);
    await writeFile(join(data, "state.db"), "precious");
    await Promise.all([workspaces, join(data, "state.db")].map(give));
    const backend = localBackend(runner, workspaces);
    const workspace = await backend.acquire("jail");
    return {
      data,
      workspaces,
      backend,
      run: async (script: string) => (await workspace.run(script, { timeoutMs })).output,
    };
  };

  it("sees no home folders and no variable data of this machine", async () => {
    const { run } = await setUp();
    expect(await run("ls -d /root /home /var /opt /srv /mnt /sys /boot 2>/dev/null; echo end")).toBe("end\n");
  });

  it("sees neither the data folder nor the files of this project", async () => {
    const { run, data } = await setUp();
    expect(
      await run(`cat ${data}/state.db ${process.cwd()}/package.json; ls ${dirname(data)}/ | grep talaria-shell`),
    ).not.toMatch(/precious|dependencies|^talaria-shell/m);
  });

  it("cannot leave through a link or by climbing", async () => {
    const { run, data } = await setUp();
    const output = await run(
      `ln -s ${data}/state.db link; cat link; cd ../../../..; cat .${data}/state.db; cat /proc/1/root${data}/state.db; pwd`,
    );
    expect(output).not.toContain("precious");
    expect(output).toMatch(/\n\/\n$/);
  });

  it("cannot make us mount another folder by putting a link in its place", async () => {
    const { run, data } = await setUp();
    await run(
      `mkdir -p .talaria; rm -rf .talaria; ln -s ${data} .talaria; rm -rf /tmp; ln -s ${data} /tmp/data; mv /tmp /tmp2`,
    );
    expect(await run("cat /tmp/state.db .talaria/state.db /tmp/data/state.db; ls -A / .talaria/")).not.toMatch(
      /precious|state\.db$/,
    );
  });

  it("has no power over the system", async () => {
    const { run } = await setUp();
    expect(
      await run(
        "touch /usr/x /bin/x /etc/ssl/x 2>&1 | grep -c -i 'read-only\\|permission'; grep -c '0000000000000000' /proc/self/status",
      ),
    ).toMatch(/^3\n[5-9]\n$/);
    expect(await run("mount -t tmpfs none /mnt 2>/dev/null || echo no mount; id -u")).not.toMatch(/\n0\n$/);
  });

  it("can write to its own folders and a bounded /dev/shm, and nowhere else", async () => {
    const { run } = await setUp();
    const tried = 'do touch "$place/x" && echo "$place"; done 2> /dev/null';
    const output = await run(`for place in $(find / /dev -xdev -type d) /proc /proc/sys /usr /usr/bin; ${tried}`);
    expect(output.split("\n").toSorted()).toEqual(["", "/dev/shm", "/run/talaria/spool", "/tmp", "/workspace"]);
    expect(await run("touch /x /etc/x /dev/x /run/x /run/talaria/x 2>&1 | grep -c 'Read-only file system'")).toBe(
      "5\n",
    );
  });

  it("cannot make writable what is not, in namespaces of its own neither", async () => {
    const { run } = await setUp();
    const unshared = (script: string) => `unshare --user --map-root-user --mount sh -c '${script}' 2> /dev/null`;
    expect(
      await run(
        `${unshared("mount -t tmpfs none /mnt && touch /mnt/x")} && echo in memory; ` +
          `${unshared("mount -o remount,rw /; touch /x")} && echo in the root; mount -o remount,rw / 2> /dev/null; ` +
          "touch /x 2> /dev/null || echo nowhere",
      ),
    ).toBe("nowhere\n");
  });

  it("shares memory between its processes, as much as is bounded", async () => {
    const { run } = await setUp();
    expect(await run("df --output=size -B1M /dev/shm | tail -n 1; stat -c %a /dev/shm")).toMatch(/^ *256\n1777\n$/);
    expect(await run("head -c 300M /dev/zero > /dev/shm/much; stat -c %s /dev/shm/much")).toMatch(
      /No space left on device\n268435456\n$/,
    );
    expect(await run("ls /dev/shm")).toBe("");
  });

  it("can lock between processes in Python", async ({ skip }) => {
    const { run } = await setUp();
    if ((await run("command -v python3")) === "") skip("there is no python3 in the sandbox");
    const program = `
from multiprocessing import Lock, Process, Value
def add(lock, sum):
    with lock: sum.value += 1
if __name__ == "__main__":
    lock, sum = Lock(), Value("i", 0)
    all = [Process(target=add, args=(lock, sum)) for _ in range(4)]
    [one.start() for one in all]
    [one.join() for one in all]
    print(sum.value)`;
    expect(await run(`cat > locks.py <<'END'${program}\nEND\npython3 locks.py`)).toBe("4\n");
  });

  it("is told when it wants too much memory, and we go on", async ({ skip }) => {
    const { run } = await setUp();
    if ((await run("command -v python3")) === "") skip("there is no python3 in the sandbox");
    expect(await run(`python3 -c 'bytearray(5 << 30)'; echo "ended with $?"`)).toMatch(/MemoryError\nended with 1\n$/);
    expect(await run("echo alive")).toBe("alive\n");
  });

  it("is what the kernel ends first when the machine's memory runs out, and cannot change that", async () => {
    const { run } = await setUp();
    expect(await run("echo 0 > /proc/self/oom_score_adj; (cat /proc/[0-9]*/oom_score_adj) | sort -u")).toMatch(
      /Read-only file system\n1000\n$/,
    );
  });

  it("knows its own user by name and nobody of this machine", async () => {
    const { run } = await setUp();
    expect(await run("whoami; wc -l < /etc/passwd; ls /etc/shadow 2>/dev/null")).toBe("agent\n1\n");
  });

  it("sees only its own processes, and none of them shows our environment", async () => {
    process.env["TALARIA_TEST_SECRET"] = "hunter2";
    const { run } = await setUp();
    const output = await run("ls -d /proc/[0-9]* | wc -l; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'");
    expect(Number(output.split("\n")[0])).toBeLessThan(10);
    expect(output).not.toContain("hunter2");
  });

  it("inherits no open file of ours", async () => {
    const { run } = await setUp();
    expect(
      await run("for fd in /proc/$$/fd/*; do readlink $fd; done | grep -v '^pipe:' | grep -v '^/dev/null'; echo end"),
    ).toBe("end\n");
  });

  describe("with a service on this machine", () => {
    const server = createServer((_, response) => response.end("reached"));
    afterAll(() => server.close());

    it("cannot reach it over loopback", async () => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const script = `exec 5<>/dev/tcp/127.0.0.1/${port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&5 && cat <&5; echo end`;
      const { run, workspaces } = await setUp();
      const output = await run(script);
      expect(output).not.toContain("reached");
      expect(output).toContain("refused");
      // The same script with the network open shows that the test itself is able to reach the service.
      const open = await withNetwork("1");
      const workspace = await open?.open(join(workspaces, "open"));
      expect((await workspace?.run(script, { timeoutMs }))?.output).toContain("reached");
    });
  });

  it("survives a fork bomb, which ends with an error", async () => {
    const { run, backend } = await setUp();
    const neighbour = await backend.acquire("neighbour");
    const bomb = run("bomb() { bomb | bomb & }; bomb 2>&1 | head -n 3; sleep 0.3; echo over");
    expect((await neighbour.run("for i in 1 2 3; do (sleep 0.1); done; echo fine", { timeoutMs })).output).toBe(
      "fine\n",
    );
    expect(await bomb).toContain("Resource temporarily unavailable");
    expect(await run("echo alive")).toBe("alive\n");
  });

  it("cannot fill the disk with one file", async () => {
    const { run } = await setUp();
    expect(await run("ulimit -f; ulimit -c; truncate -s 5G big; ls big 2>/dev/null; echo end")).toMatch(
      /^4194304\n0\n/,
    );
  });

  it("that fills the disk is told so", async () => {
    const { run } = await setUp();
    // A device that takes nothing is what a full disk looks like to a program.
    expect(await run("ln -s /dev/full out; echo words > out || echo failed; cat < /dev/zero > out")).toMatch(
      /No space left on device\nfailed\n.*No space left/s,
    );
  });

  it("leaves nothing but its jobs behind, and those are seen by no other workspace", async () => {
    const { backend } = await setUp();
    const [mine, other] = await Promise.all([backend.acquire("mine"), backend.acquire("other")]);
    const job = { id: newId("job"), command: "echo private; sleep 60", session: "s", savesSession: false };
    await startJob(mine, { ...job, timeoutMs: 60_000, label: "mine" }, { waitMs: 300 });
    expect(await listJobs(other)).toEqual([]);
    expect(await killJob(other, job.id)).toMatchObject({ status: "lost" });
    const look = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; ls -A /run/talaria/spool; find / -name 'job_*' 2> /dev/null";
    expect((await other.run(`${look}; kill -9 -1; echo end`, { timeoutMs })).output).not.toContain(job.id);
    expect(await lookAtJob(mine, job.id)).toMatchObject({ status: "running", output: { head: "private\n" } });
    await killJob(mine, job.id);
  });

  it("is ended at its time-out with what it left in a session of its own, though that may outlive it", async () => {
    const { backend } = await setUp();
    const workspace = await backend.acquire("late");
    const beats = "while true; do echo x >> beats; sleep 0.05; done";
    const script = `setsid bash -c '${beats}' < /dev/null > /dev/null 2>&1 & sleep 30`;
    expect(await workspace.run(script, { timeoutMs: 1_500, outlives: true })).toMatchObject({
      exitCode: 124,
      timedOut: true,
    });
    const { output } = await workspace.run("wc -l < beats; sleep 0.4; wc -l < beats", { timeoutMs });
    const [before, after] = output.trim().split("\n").map(Number);
    expect([before, (before ?? 0) > 0]).toEqual([after, true]);
  });

  it("can use /dev/stdin, /dev/stdout and /dev/stderr", async () => {
    const { run } = await setUp();
    expect(await run("echo a | cat /dev/stdin; echo b > /dev/stdout; echo c | tee /dev/stderr")).toBe("a\nb\nc\nc\n");
  });

  it("keeps /tmp between scripts and shares it with nobody", async () => {
    const { run, backend } = await setUp();
    await run("echo kept > /tmp/note");
    expect(await run("cat /tmp/note")).toBe("kept\n");
    const other = await backend.acquire("other");
    expect((await other.run("ls /tmp", { timeoutMs })).output).toBe("");
  });

  it("may use what somebody else put into its folder", async () => {
    const { run, workspaces } = await setUp();
    await mkdir(join(workspaces, "imported", "sub"), { recursive: true });
    await writeFile(join(workspaces, "imported", "sub", "file"), "from outside\n");
    for (const path of ["", "sub", "sub/file"]) await give(join(workspaces, "imported", path));
    const imported = await runner.open(join(workspaces, "imported"));
    expect((await imported.run("cat sub/file; echo more >> sub/file && wc -l < sub/file", { timeoutMs }))?.output).toBe(
      "from outside\n2\n",
    );
    expect(await run("ls")).toBe("");
  });
});

describe("memory that scripts share by other means than /dev/shm", () => {
  it("costs them their life when there is no more, not whoever started them", async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip("only root can limit the memory of a process that starts sandboxes");
    const folder = await newFolder();
    await chown(folder, ordinaryUser.uid, ordinaryUser.gid);
    const runner = await bubblewrapOfUser("0", folder);
    if (runner === undefined) return skip(`the user ${ordinaryUser.uid} can run no sandbox here`);
    const memory = limitMemoryOf(runner.pid, 400);
    onTestFinished(async () => {
      await runner.close();
      memory?.remove();
    });
    if (memory === undefined) return skip("control groups that count memory cannot be made here");

    const workspace = await runner.open(join(folder, "hog"));
    const take = "memory = mmap.mmap(-1, 20 << 30)\nfor at in range(0, 20 << 30, 4096): memory[at] = 1";
    const { output } = await workspace.run(`python3 -c 'import mmap\n${take}'; echo "ended with $?"`, { timeoutMs });
    if (output.includes("command not found")) return skip("there is no python3 in the sandbox");
    expect(output).toMatch(/Killed.*\nended with 137\n$/s);
    expect((await workspace.run("echo alive", { timeoutMs })).output).toBe("alive\n");
  });
});

describe("a bubblewrap that cannot bound what is in memory (before 0.7, or setuid)", () => {
  const withoutSize = (real: string) => `#!/bin/bash
    [[ " $* " == *" --size "* ]] && { echo "bwrap: Unknown option --size" >&2; exit 1; }
    exec -a bwrap ${real} "$@"`;

  it("shares memory in files on the disk that is guarded", async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip("only root can put another program in place of bubblewrap");
    const folder = await newFolder();
    await chown(folder, ordinaryUser.uid, ordinaryUser.gid);
    const [real, old] = [join(folder, "real"), join(folder, "old")];
    await copyFile("/usr/bin/bwrap", real).catch(() => skip("there is no bubblewrap here"));
    await writeFile(old, withoutSize(real), { mode: 0o755 });
    const runner = await bubblewrapOfUser("0", folder, old);
    if (runner === undefined) return skip("another program cannot be put in place of bubblewrap here");
    onTestFinished(() => runner.close());

    const workspace = await runner.open(join(folder, "one"));
    const script = "echo shared > /dev/shm/note; cat /tmp/note; touch /run/x /dev/x 2>&1 | grep -c Read-only";
    expect((await workspace.run(script, { timeoutMs })).output).toBe("shared\n2\n");
  });
});
