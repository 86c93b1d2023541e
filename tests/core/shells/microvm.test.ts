import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../core/base/clock.ts";
import { microvm } from "../../../core/shells/microvm/microvm.ts";
import type { ShellPorts } from "../../../core/shells/shell.ts";
import { lifetimeCases } from "../../contracts/shell-lifetimes.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { startArchiveStore } from "../../fakes/archive-store.ts";
import { microvmSettings, startMicrovmControlPlane } from "../../fakes/microvm-control-plane.ts";
import { until } from "../../support/agent.ts";
import { memoryRecords, shellPorts } from "../../support/shell-ports.ts";

const timeoutMs = 15_000;
const aws = await startMicrovmControlPlane({ saveSeconds: 0.2 });
const store = await startArchiveStore();
afterAll(async () => {
  await aws.close();
  await store.close();
});

const connect = (changes: Partial<ShellPorts> = {}) =>
  microvm.connect(microvmSettings, shellPorts({ archives: store.archives, ...changes }));

const newest = () => {
  const machine = aws.machines.at(-1);
  if (!machine) throw new Error("no machine was started");
  return machine;
};

// The agents of these tests share one machine and one user; in the cloud each has a machine of its own.
shellSuite("microvm", () => connect(), ["isolation"]);

describe("a MicroVM", () => {
  it("is asked for with an idle policy, a client token and no role", async () => {
    await (await connect()).acquire("asked");
    const { request } = newest();
    expect(request).toMatchObject({
      imageIdentifier: microvmSettings.TALARIA_MICROVM_IMAGE,
      idlePolicy: { autoResumeEnabled: true, maxIdleDurationSeconds: 900 },
      maximumDurationInSeconds: 28_800,
      clientToken: expect.any(String),
    });
    expect(request.executionRoleArn).toBeUndefined();
  });

  it("is one and the same, however many ask for the workspace at once and from wherever", async () => {
    const records = memoryRecords();
    const before = aws.machines.length;
    const backends = await Promise.all(Array.from({ length: 4 }, () => connect({ records })));
    const workspaces = await Promise.all(backends.map((backend) => backend.acquire("shared")));
    await workspaces[0]?.run("echo one > file", { timeoutMs });
    const seen = await Promise.all(workspaces.map(async (one) => (await one.run("cat file", { timeoutMs })).output));
    expect(seen).toEqual(["one\n", "one\n", "one\n", "one\n"]);
    expect(aws.machines.length - before).toBe(1);
  });

  it("that is awake is found without asking AWS", async () => {
    const backend = await connect();
    await backend.acquire("quick");
    const before = aws.calls.length;
    await backend.acquire("quick");
    expect(aws.calls.slice(before)).toEqual([]);
  });

  it("is spoken to with a new pass when the old one has expired", async () => {
    const backend = await connect();
    const workspace = await backend.acquire("expired");
    aws.expirePasses();
    expect((await workspace.run("echo still here", { timeoutMs })).output).toBe("still here\n");
  });
});

describe("a workspace of the shell microvm", () => {
  it("sleeps with its processes, is saved before, and wakes by being asked", async () => {
    const backend = await connect();
    const workspace = await backend.acquire("sleeper");
    const start = "setsid sleep 300 >/dev/null 2>&1 & echo $! > pid; echo kept > file";
    await workspace.run(start, { timeoutMs, outlives: true });
    const machine = newest();
    await backend.hibernate?.("sleeper");
    expect(machine.state).toBe("SUSPENDED");
    expect([...store.objects.keys()].some((key) => key.startsWith("snapshots/sleeper/"))).toBe(true);
    const again = await backend.acquire("sleeper");
    const { output } = await again.run("cat file; kill -0 $(cat pid) && echo alive; kill $(cat pid)", { timeoutMs });
    expect(output).toBe("kept\nalive\n");
    expect(again.notice).toBeUndefined();
    expect(newest()).toBe(machine);
  });

  it("is left asleep when it sleeps already", async () => {
    const backend = await connect();
    await backend.acquire("deep");
    await backend.hibernate?.("deep");
    const before = aws.calls.length;
    await backend.hibernate?.("deep");
    expect(newest().state).toBe("SUSPENDED");
    expect(aws.calls.slice(before)).toEqual(["GET one"]);
  });

  it("is woken by a call where requests do not wake it", async () => {
    const backend = await connect();
    await backend.acquire("stubborn");
    await backend.hibernate?.("stubborn");
    aws.autoResume = false;
    const workspace = await backend.acquire("stubborn");
    aws.autoResume = true;
    expect((await workspace.run("echo up", { timeoutMs })).output).toBe("up\n");
  });

  it("stays awake while a script runs", async () => {
    const backend = await connect();
    const workspace = await backend.acquire("busy");
    const running = workspace.run("touch on; while [ ! -e go ]; do sleep 0.05; done; echo done", { timeoutMs });
    await until("its start", async () => (await workspace.run("ls", { timeoutMs })).output.includes("on"));
    await backend.hibernate?.("busy");
    expect(newest().state).toBe("RUNNING");
    await workspace.run("touch go", { timeoutMs });
    expect((await running).output).toBe("done\n");
  });

  it("loses at most what changed since the last save when its machine is gone, and the model is told", async () => {
    const backend = await connect();
    await (await backend.acquire("crashed")).run("echo saved > file", { timeoutMs });
    await until("a save", () => [...store.objects.keys()].find((key) => key.startsWith("snapshots/crashed/")));
    await aws.lose(newest());
    const again = await backend.acquire("crashed");
    expect(again.notice).toMatch(/was lost.*22 Nov 2026/);
    expect((await again.run("cat file", { timeoutMs })).output).toBe("saved\n");
  });

  it("does not sleep on a machine that has had half of its life: who comes back may start something long", async () => {
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + aheadMs };
    const backend = await connect({ clock });
    await (await backend.acquire("old")).run("echo latest > file", { timeoutMs });
    const machine = newest();
    aheadMs = 4.1 * 3600_000;
    await backend.hibernate?.("old");
    expect(machine.state).toBe("TERMINATED");
    const again = await backend.acquire("old");
    expect(again.notice).toMatch(/end of its time/);
    expect((await again.run("cat file", { timeoutMs })).output).toBe("latest\n");
  });

  lifetimeCases({ connect: (clock) => connect({ clock }), lifeMs: 8 * 3600_000, newest: () => newest().id });
});

describe("the shell microvm", () => {
  it("refuses to start without its image", async () => {
    await expect(microvm.connect({}, shellPorts())).rejects.toMatchObject({ kind: "refused" });
  });
});
