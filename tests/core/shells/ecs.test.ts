import { afterAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../core/base/clock.ts";
import { ecs } from "../../../core/shells/ecs/ecs.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { startArchiveStore } from "../../fakes/archive-store.ts";
import { ecsSettings, ownImageSettings, startEcsControlPlane } from "../../fakes/ecs-control-plane.ts";
import { until } from "../../support/agent.ts";
import { memoryRecords, shellPorts } from "../../support/shell-ports.ts";

const timeoutMs = 15_000;
const aws = await startEcsControlPlane({ saveSeconds: 0.2 });
const store = await startArchiveStore();
afterAll(async () => {
  await aws.close();
  await store.close();
});

/** Another function that knows the same records. */
const connect = (records = memoryRecords()) =>
  ecs.connect(ecsSettings, shellPorts({ archives: store.archives, records }));

const newest = () => {
  const task = aws.tasks.at(-1);
  if (!task) throw new Error("no task was started");
  return task;
};

// The agents of these tests share one machine and one user; in the cloud each has a machine of its own.
shellSuite("ecs", () => connect(), ["isolation"]);

describe("a task of the shell ecs", () => {
  it("is asked for as the deployment says, and is told no secret", async () => {
    const backend = await connect();
    await backend.acquire("asked");
    const { request } = newest();
    expect(request).toMatchObject({
      cluster: "the-cluster",
      taskDefinition: "the-task:1",
      launchType: "FARGATE",
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ["subnet-a", "subnet-b"],
          securityGroups: ["sg-shells"],
          assignPublicIp: "ENABLED",
        },
      },
    });
    const [override] = request.overrides.containerOverrides;
    expect(override?.environment).toEqual([
      { name: "TALARIA_AGENT_TOKEN_HASH", value: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(JSON.stringify(request.overrides).length).toBeLessThan(8192);
  });

  it("is one and the same, however many ask for the workspace at once and from wherever", async () => {
    const records = memoryRecords();
    const before = aws.tasks.length;
    const backends = await Promise.all(Array.from({ length: 4 }, () => connect(records)));
    const workspaces = await Promise.all(backends.map((backend) => backend.acquire("shared")));
    await workspaces[0]?.run("echo one > file", { timeoutMs });
    const seen = await Promise.all(workspaces.map(async (one) => (await one.run("cat file", { timeoutMs })).output));
    expect(seen).toEqual(["one\n", "one\n", "one\n", "one\n"]);
    expect(aws.tasks.length - before).toBe(1);
  });

  it("that is awake is found by one exchange", async () => {
    const backend = await connect();
    await backend.acquire("quick");
    const before = aws.relayed.length;
    await backend.acquire("quick");
    expect(aws.relayed.slice(before).map(({ path }) => path.split("?")[0])).toEqual(["/hello"]);
  });

  it("that could not be started is said with its reason, and the next one is another", async () => {
    const backend = await connect();
    aws.failNext("CannotPullContainerError: pull image manifest has been retried 5 time(s): i/o timeout");
    await expect(backend.acquire("unlucky")).rejects.toMatchObject({
      kind: "retryable",
      message: expect.stringMatching(/machine could be started.*CannotPullContainerError.*i\/o timeout/),
    });
    const workspace = await backend.acquire("unlucky");
    expect((await workspace.run("echo up", { timeoutMs })).output).toBe("up\n");
  });
});

describe("the image of the shell ecs", () => {
  it.each([
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.us-east-1.amazonaws.com/talaria-production-shell:0a1b: 123456789012.dkr.ecr.us-east-1.amazonaws.com/talaria-production-shell:0a1b: not found",
    "CannotPullContainerError: Error response from daemon: manifest for talaria-production-shell:0a1b not found: manifest unknown: Requested image not found",
    "CannotPullImageManifestError: Error response from daemon: manifest unknown",
  ])("that is not there is said with what the operator should do: %s", async (reason) => {
    const backend = await connect();
    aws.failNext(reason);
    await expect(backend.acquire("imageless")).rejects.toMatchObject({
      message: expect.stringMatching(/image of this deployment's machines is missing.*should run npm run deploy again/),
    });
    expect((await (await backend.acquire("imageless")).run("echo up", { timeoutMs })).output).toBe("up\n");
    await backend.hibernate?.("imageless");
  });

  it("may be the owner's, which gets the agent with the definition of its task", async () => {
    const backend = await ecs.connect(ownImageSettings, shellPorts({ archives: store.archives }));
    const workspace = await backend.acquire("owned");
    expect((await workspace.run("echo $((6 * 7))", { timeoutMs })).output).toBe("42\n");
    expect(newest().request.taskDefinition).toBe("own-image:1");
  });
});

describe("a workspace of the shell ecs", () => {
  it("sleeps without a task, and wakes with its files and without a notice", async () => {
    const backend = await connect();
    await (await backend.acquire("sleeper")).run("mkdir d; echo kept > d/file", { timeoutMs });
    const task = newest();
    await backend.hibernate?.("sleeper");
    expect(task.lastStatus).toBe("STOPPED");
    const stopped = aws.tasks.length;
    await backend.hibernate?.("sleeper");
    expect(aws.tasks.length).toBe(stopped);
    const again = await backend.acquire("sleeper");
    expect((await again.run("cat d/file", { timeoutMs })).output).toBe("kept\n");
    expect(again.notice).toBeUndefined();
    expect(newest()).not.toBe(task);
  });

  it("stays awake while a script runs", async () => {
    const backend = await connect();
    const workspace = await backend.acquire("busy");
    const running = workspace.run("touch on; while [ ! -e go ]; do sleep 0.05; done; echo done", { timeoutMs });
    await until("its start", async () => (await workspace.run("ls", { timeoutMs })).output.includes("on"));
    await backend.hibernate?.("busy");
    await workspace.run("touch go", { timeoutMs });
    expect((await running).output).toBe("done\n");
  });

  it("goes on elsewhere when it was put to sleep under somebody's hands", async () => {
    const backend = await connect();
    const workspace = await backend.acquire("taken");
    await workspace.run("echo before > file", { timeoutMs });
    await backend.hibernate?.("taken");
    await backend.acquire("taken");
    await backend.hibernate?.("taken");
    const first = aws.tasks.length;
    // The old handle's task is gone: nothing answers there any more.
    await expect(workspace.run("cat file", { timeoutMs })).rejects.toMatchObject({ kind: "retryable" });
    expect(aws.tasks.length).toBe(first);
    expect((await (await backend.acquire("taken")).run("cat file", { timeoutMs })).output).toBe("before\n");
  });

  it("loses at most what changed since the last save when its task is lost, and the model is told", async () => {
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + aheadMs };
    const backend = await ecs.connect(ecsSettings, shellPorts({ archives: store.archives, clock }));
    await (await backend.acquire("crashed")).run("echo saved > file", { timeoutMs });
    const task = newest();
    const key = await until("a save", () =>
      [...store.objects.keys()].find((one) => one.startsWith("snapshots/crashed/")),
    );
    expect(key).toMatch(/^snapshots\/crashed\/[0-9a-f-]+\.tar\.zst$/);
    await aws.lose(task);
    const again = await backend.acquire("crashed");
    expect(again.notice).toMatch(/was lost.*22 Nov 2026/);
    expect((await again.run("cat file", { timeoutMs })).output).toBe("saved\n");
    // Whoever comes next may be the one who has to know; after a while it is no news any more.
    expect((await backend.acquire("crashed")).notice).toBe(again.notice);
    aheadMs = 11 * 60_000;
    expect((await backend.acquire("crashed")).notice).toBeUndefined();
  });

  it("survives two losses in a row, the second before anything was saved", async () => {
    const records = memoryRecords();
    const backend = await connect(records);
    await (await backend.acquire("twice")).run("echo saved > file", { timeoutMs });
    await backend.hibernate?.("twice");
    await backend.acquire("twice");
    await aws.lose(newest());
    await backend.acquire("twice");
    await aws.lose(newest());
    expect((await (await backend.acquire("twice")).run("cat file", { timeoutMs })).output).toBe("saved\n");
  });

  it("loses nothing when AWS retires its task", async () => {
    const backend = await connect();
    await (await backend.acquire("retired")).run("head -c 3000000 /dev/urandom > big; echo last > file", { timeoutMs });
    await aws.retire(newest());
    const again = await backend.acquire("retired");
    expect((await again.run("cat file; stat -c %s big", { timeoutMs })).output).toBe("last\n3000000\n");
  });

  it("is empty, and says so, when it was lost before anything could be saved", async () => {
    const backend = await connect();
    store.failWith(503);
    await (await backend.acquire("unsaved")).run("echo gone > file", { timeoutMs });
    await aws.lose(newest());
    store.failWith(undefined);
    const again = await backend.acquire("unsaved");
    expect(again.notice).toMatch(/lost before anything was saved/);
    expect((await again.run("ls", { timeoutMs })).output).toBe("");
  });

  it("is not put to sleep when its files cannot be saved", async () => {
    const backend = await connect();
    const workspace = await backend.acquire("unsavable");
    store.failWith(503);
    await workspace.run("echo here > file", { timeoutMs });
    await expect(backend.hibernate?.("unsavable")).rejects.toMatchObject({ kind: "retryable" });
    store.failWith(undefined);
    expect((await workspace.run("cat file", { timeoutMs })).output).toBe("here\n");
  });
});

describe("the shell ecs", () => {
  it("refuses to start without what deployment sets", async () => {
    const { TALARIA_RELAY_FUNCTION: _, ...others } = ecsSettings;
    await expect(ecs.connect(others, shellPorts())).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("TALARIA_RELAY_FUNCTION"),
    });
  });
});
