import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
  type CreateScheduleCommandInput,
} from "@aws-sdk/client-scheduler";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Manifest } from "../../../stacks/manifest.ts";
import { clientSettings, cloudFor, eventually, functionSpec, manualClock, temporaryFolder } from "./support.ts";

const target = {
  Arn: "arn:aws:lambda:us-east-1:000000000000:function:talaria-record",
  RoleArn: "arn:aws:iam::0:role/r",
};
const startMs = Date.parse("2026-03-28T10:00:00Z");

interface SchedulerSetup {
  nowMs?: number;
  /** Beside the function that records. */
  more?: Partial<Manifest>;
  dataFolder?: string;
}

/** A cloud whose clock stands at `nowMs`, with a function that writes down every event. */
async function schedulerFor({ nowMs, more, dataFolder }: SchedulerSetup = {}) {
  const folder = temporaryFolder();
  const file = join(folder, "events");
  const clock = manualClock(nowMs ?? startMs);
  const environment = { RECORD_FILE: file };
  const functions = { record: functionSpec("record") };
  const cloud = await cloudFor(
    { functions, ...more },
    { clock, environment, dataFolder: dataFolder ?? temporaryFolder() },
  );
  const client = new SchedulerClient(clientSettings(cloud, "SCHEDULER"));
  const events = (): unknown[] => {
    try {
      return readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
    } catch {
      return [];
    }
  };
  const create = (Name: string, ScheduleExpression: string, more: Partial<CreateScheduleCommandInput> = {}) =>
    client.send(
      new CreateScheduleCommand({
        Name,
        ScheduleExpression,
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { ...target, Input: `{"at":"<aws.scheduler.scheduled-time>"}` },
        ...more,
      }),
    );
  const firedAt = async (count: number) => {
    await eventually(`${count} events`, () => events().length >= count);
    return events().map((event) => (event as { at: string }).at);
  };
  return { cloud, client, clock, events, create, firedAt };
}

describe("the scheduler's API", () => {
  it("creates, shows, changes and deletes a schedule", async () => {
    const { client, create } = await schedulerFor();
    const { ScheduleArn } = await create("job", "rate(5 minutes)", { Description: "a job" });
    expect(ScheduleArn).toBe("arn:aws:scheduler:us-east-1:000000000000:schedule/default/job");
    const get = () => client.send(new GetScheduleCommand({ Name: "job" }));
    expect(await get()).toMatchObject({
      Name: "job",
      GroupName: "default",
      ScheduleExpression: "rate(5 minutes)",
      Description: "a job",
      State: "ENABLED",
      CreationDate: new Date(startMs),
    });
    const { FlexibleTimeWindow, Target } = await get();
    const change = { Name: "job", ScheduleExpression: "rate(1 hour)", FlexibleTimeWindow, Target };
    await client.send(new UpdateScheduleCommand({ ...change, State: "DISABLED" }));
    expect(await get()).toMatchObject({ ScheduleExpression: "rate(1 hour)", State: "DISABLED" });
    await client.send(new DeleteScheduleCommand({ Name: "job" }));
    await expect(get()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("refuses a second schedule of the same name, and a change of one that is not there", async () => {
    const { client, create } = await schedulerFor();
    await create("job", "rate(1 hour)");
    await expect(create("job", "rate(1 hour)")).rejects.toMatchObject({ name: "ConflictException" });
    const rest = { ScheduleExpression: "rate(1 hour)", FlexibleTimeWindow: { Mode: "OFF" }, Target: target } as const;
    await expect(client.send(new UpdateScheduleCommand({ Name: "other", ...rest }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it.each(["rate(0 minutes)", "rate(1 week)", "cron(0 9 * * * *)", "cron(99 9 * * ? *)", "at(tomorrow)", "hourly"])(
    "refuses the expression %s",
    async (expression) => {
      const { create } = await schedulerFor();
      await expect(create("job", expression)).rejects.toMatchObject({ name: "ValidationException" });
    },
  );

  it("refuses names that could leave the folder, unknown groups and targets that it cannot reach", async () => {
    const { create } = await schedulerFor();
    await expect(create("..", "rate(1 hour)")).rejects.toMatchObject({ name: expect.stringMatching(/Exception$/) });
    await expect(create("a%2Fb", "rate(1 hour)")).rejects.toMatchObject({ name: "ValidationException" });
    await expect(create("job", "rate(1 hour)", { GroupName: "none" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    const elsewhere = { Target: { ...target, Arn: "arn:aws:sqs:us-east-1:000000000000:queue" } };
    await expect(create("job", "rate(1 hour)", elsewhere)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("lists by group, prefix and page, and removes a group with what is in it", async () => {
    const { client, create } = await schedulerFor();
    await client.send(new CreateScheduleGroupCommand({ Name: "crons" }));
    for (const name of ["a1", "a2", "b1"]) await create(name, "rate(1 hour)", { GroupName: "crons" });
    await create("a3", "rate(1 hour)");
    const list = (more: object) => client.send(new ListSchedulesCommand({ GroupName: "crons", ...more }));
    const first = await list({ NamePrefix: "a", MaxResults: 1 });
    expect(first.Schedules?.map(({ Name }) => Name)).toEqual(["a1"]);
    const second = await list({ NamePrefix: "a", MaxResults: 1, NextToken: first.NextToken });
    expect(second.Schedules?.map(({ Name }) => Name)).toEqual(["a2"]);
    await client.send(new DeleteScheduleGroupCommand({ Name: "crons" }));
    const { ScheduleGroups } = await client.send(new ListScheduleGroupsCommand({}));
    expect(ScheduleGroups?.map(({ Name }) => Name)).toEqual(["default"]);
    expect((await client.send(new ListSchedulesCommand({}))).Schedules?.map(({ Name }) => Name)).toEqual(["a3"]);
  });
});

describe("a schedule", () => {
  it("fires a rate at every period, once each, counted from when it was made", async () => {
    const { clock, create, firedAt, events } = await schedulerFor();
    await create("job", "rate(1 hour)");
    await clock.moveTo(startMs + 59 * 60_000);
    expect(events()).toEqual([]);
    await clock.moveTo(startMs + 2 * 3_600_000 + 1);
    expect(await firedAt(2)).toEqual(["2026-03-28T11:00:00Z", "2026-03-28T12:00:00Z"]);
  });

  it("fires a cron expression in its time zone, also across the change to summer time", async () => {
    const { clock, create, firedAt } = await schedulerFor();
    await create("job", "cron(0 9 ? * SUN-MON *)", { ScheduleExpressionTimezone: "Europe/Berlin" });
    await clock.moveTo(Date.parse("2026-03-31T00:00:00Z"));
    expect(await firedAt(2)).toEqual(["2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"]);
  });

  it("counts weekdays from Sunday as 1, and knows the last Friday", async () => {
    const { clock, create, firedAt } = await schedulerFor({ nowMs: Date.parse("2026-04-24T00:00:00Z") });
    await create("sunday", "cron(0 12 ? * 1 *)");
    await create("last-friday", "cron(30 12 ? * 6L 2026)");
    await create("second-friday", "cron(30 13 ? * 6#2 *)");
    await clock.moveTo(Date.parse("2026-04-26T13:00:00Z"));
    expect(await firedAt(2)).toEqual(["2026-04-24T12:30:00Z", "2026-04-26T12:00:00Z"]);
  });

  it("fires at a time once, and is removed when it asked for that", async () => {
    const { client, clock, create, firedAt } = await schedulerFor();
    const zone = { ScheduleExpressionTimezone: "Asia/Kolkata", ActionAfterCompletion: "DELETE" } as const;
    await create("once", "at(2026-03-28T16:00:00)", zone);
    await clock.moveTo(startMs + 3_600_000);
    expect(await firedAt(1)).toEqual(["2026-03-28T10:30:00Z"]);
    await eventually("it is gone", async () => {
      const { Schedules } = await client.send(new ListSchedulesCommand({}));
      return Schedules?.length === 0;
    });
  });

  it("keeps to its start and end", async () => {
    const { clock, create, firedAt, events } = await schedulerFor();
    const StartDate = new Date(startMs + 10 * 60_000);
    await create("job", "rate(1 minute)", { StartDate, EndDate: new Date(startMs + 12 * 60_000) });
    await clock.moveTo(startMs + 20 * 60_000);
    expect(await firedAt(2)).toEqual(["2026-03-28T10:11:00Z", "2026-03-28T10:12:00Z"]);
    expect(events()).toHaveLength(2);
  });

  it("stops when it is switched off or deleted", async () => {
    const { client, clock, create, events } = await schedulerFor();
    await create("off", "rate(1 minute)", { State: "DISABLED" });
    await create("gone", "rate(1 minute)");
    await client.send(new DeleteScheduleCommand({ Name: "gone" }));
    await clock.moveTo(startMs + 600_000);
    expect(events()).toEqual([]);
  });

  it("makes up for what was missed while nobody ran, once, and does not repeat what it has delivered", async () => {
    const dataFolder = temporaryFolder();
    const first = await schedulerFor({ dataFolder });
    await first.create("job", "rate(1 hour)");
    await first.clock.moveTo(startMs + 3_600_000);
    await first.firedAt(1);
    await first.cloud.close();

    const laterMs = startMs + 5.5 * 3_600_000;
    const second = await schedulerFor({ dataFolder, nowMs: laterMs });
    expect(await second.firedAt(1)).toEqual(["2026-03-28T12:00:00Z"]);
    await second.clock.moveTo(startMs + 6 * 3_600_000);
    expect(await second.firedAt(2)).toEqual(["2026-03-28T12:00:00Z", "2026-03-28T16:00:00Z"]);
  });

  it("of the manifest fires too", async () => {
    const schedules = { sweep: { expression: "rate(1 minute)", function: "record", input: { task: "sweep" } } };
    const { clock, events } = await schedulerFor({ more: { schedules } });
    await clock.moveTo(startMs + 60_000);
    await eventually("the sweep", () => events().length > 0);
    expect(events()).toEqual([{ task: "sweep" }]);
  });

  it("starts an execution through the universal target", async () => {
    const machines = {
      turn: {
        definition: () => ({ QueryLanguage: "JSONata", StartAt: "Done", States: { Done: { Type: "Succeed" } } }),
      },
    };
    const { cloud, clock, create } = await schedulerFor({ more: { machines } });
    const StateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:talaria-turn";
    await create("job", "rate(1 hour)", {
      Target: {
        ...target,
        Arn: "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
        Input: JSON.stringify({ StateMachineArn, Name: "from-schedule", Input: `{"a":1}` }),
      },
    });
    await clock.moveTo(startMs + 3_600_000);
    const executionArn = "arn:aws:states:us-east-1:000000000000:execution:talaria-turn:from-schedule";
    const execution = await eventually("the execution", () =>
      cloud.stepFunctions.describeExecution({ executionArn }).catch(() => undefined),
    );
    expect(execution).toMatchObject({ input: `{"a":1}` });
  });
});
