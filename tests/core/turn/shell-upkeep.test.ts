import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock, type Clock } from "../../../core/base/clock.ts";
import { silentLog } from "../../../core/base/log.ts";
import { killJob, startJob } from "../../../core/shells/jobs/jobs.ts";
import { localBackend } from "../../../core/shells/local/local.ts";
import type { ShellBackend } from "../../../core/shells/shell.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openTable } from "../../../core/store/table.ts";
import { openWorkspaces, type Workspaces } from "../../../core/store/workspaces.ts";
import { putIdleToSleep, type UpkeepPorts } from "../../../core/turn/shell-upkeep.ts";
import { resourceEnvironment } from "../../../stacks/manifest.ts";
import { startAgent, type TestAgent } from "../../support/agent.ts";
import { bubblewrapHere, newFolder } from "../shells/runners.ts";

const minute = 60_000;
const place = { platform: "telegram", chat: "42", kind: "direct" as const };
const runner = await bubblewrapHere();

describe.skipIf(runner === undefined)("looking after shells", () => {
  let agent: TestAgent;
  let workspaces: Workspaces;
  let backend: ShellBackend;
  let ports: UpkeepPorts;
  let now = 0;
  const asleep: string[] = [];
  let isBroken = false;

  beforeAll(async () => {
    agent = await startAgent(() => ({ text: "Noted." }));
    const table = openTable(String(agent.cloud.awsEnvironment[resourceEnvironment.table]), dynamoDbSdk());
    const clock: Clock = { ...systemClock, now: () => now };
    workspaces = openWorkspaces(table, "upkeep", clock.now);
    if (!runner) throw new Error("unreachable: the suite is skipped");
    backend = {
      ...localBackend(runner, await newFolder()),
      async hibernate(workspace) {
        if (isBroken) throw new Error("no room for the snapshot");
        asleep.push(workspace);
      },
    };
    ports = {
      store: agent.store,
      clock,
      log: silentLog,
      startTurn: async () => {},
      wakeTurn: async () => {},
      workspaces,
      backend: async () => backend,
      newsOf: async (_, { job }) => ({ text: `news of ${job}`, isOver: true }),
    };
  });
  afterAll(() => agent.close());
  beforeEach(() => {
    now = Date.parse("2026-01-01T00:00:00Z");
    asleep.length = 0;
    isBroken = false;
  });

  it("puts a workspace to sleep when nobody has used it for five minutes, once", async () => {
    await workspaces.touch("quiet");
    now += 4 * minute;
    expect(await putIdleToSleep(ports)).toBe(0);
    now += 2 * minute;
    expect(await putIdleToSleep(ports)).toBe(1);
    now += 10 * minute;
    expect(await putIdleToSleep(ports)).toBe(0);
    expect(asleep).toEqual(["quiet"]);
  });

  it("leaves alone what was used again meanwhile", async () => {
    await workspaces.touch("used");
    now += 6 * minute;
    const [seen] = await workspaces.idleSince(now - 5 * minute);
    await workspaces.touch("used");
    expect(seen && (await workspaces.claim(seen))).toBeUndefined();
    expect(await putIdleToSleep(ports)).toBe(0);
    now += 6 * minute;
    expect(await putIdleToSleep(ports)).toBe(1);
  });

  it("keeps a workspace awake while a job runs there, and rings for one that ended unheard", async () => {
    const conversation = `upkeep:telegram::direct:${Date.now()}::`;
    const job = { session: "s", savesSession: false, timeoutMs: 10 * minute, label: "test" };
    const workspace = await backend.acquire("busy");
    await workspaces.touch("busy");
    await startJob(workspace, { ...job, id: "job_long", command: "sleep 600" }, { waitMs: 0 });
    await startJob(workspace, { ...job, id: "job_short", command: "echo done" }, { waitMs: 5_000 });
    await agent.store.doors.open("job_short", {
      conversation,
      session: "s",
      workspace: "busy",
      place,
      sender: "42",
      rings: "tell",
    });
    now += 6 * minute;
    expect(await putIdleToSleep(ports)).toBe(0);
    expect(asleep).toEqual([]);
    const heard = async () => (await agent.store.inbox.pending(conversation)).map(({ text }) => text);
    expect(await heard()).toEqual(["news of job_short"]);
    now += 6 * minute;
    expect(await putIdleToSleep(ports)).toBe(0);
    expect(await heard()).toEqual(["news of job_short"]);
    await killJob(workspace, "job_long");
    now += 6 * minute;
    expect(await putIdleToSleep(ports)).toBe(1);
    expect(asleep).toEqual(["busy"]);
  });

  it("is put to sleep by one of two that try at once, and found again when that one dies", async () => {
    await workspaces.touch("contested");
    now += 6 * minute;
    const [seen] = await workspaces.idleSince(now - 5 * minute);
    if (!seen) throw new Error("nothing is idle");
    const claims = await Promise.all([workspaces.claim(seen), workspaces.claim(seen)]);
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await putIdleToSleep(ports)).toBe(0);
    now += 20 * minute;
    expect(await putIdleToSleep(ports)).toBe(1);
    expect(asleep).toEqual(["contested"]);
  });

  it("tries again when one could not be put to sleep", async () => {
    isBroken = true;
    await workspaces.touch("stubborn");
    now += 6 * minute;
    expect(await putIdleToSleep(ports)).toBe(0);
    isBroken = false;
    now += 6 * minute;
    expect(await putIdleToSleep(ports)).toBe(1);
    expect(asleep).toEqual(["stubborn"]);
  });
});
