import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { boot, machine, outcome, pass, roleArn, type Booted } from "./support.ts";

const napping = machine({ Nap: { Type: "Wait", Seconds: 3600, End: true } });
let booted: Booted;

beforeAll(async () => {
  booted = await boot();
});
afterAll(() => booted.close());

describe("machines", () => {
  it("creates the same machine twice, and refuses another under its name", async () => {
    const definition = machine({ A: pass(1) });
    const arn = await booted.create(definition, "same");
    expect(await booted.create(definition, "same")).toBe(arn);
    const other = booted.create(machine({ A: pass(2) }), "same");
    await expect(other).rejects.toMatchObject({ name: "StateMachineAlreadyExists" });
  });

  it("updates, describes and deletes", async () => {
    const stateMachineArn = await booted.create(napping, "changing");
    const running = await booted.start(stateMachineArn);
    const definition = machine({ A: pass("new") });
    await booted.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    const described = await booted.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({ name: "changing", type: "STANDARD", status: "ACTIVE", definition, roleArn });
    expect(described.creationDate).toBeInstanceOf(Date);
    expect(outcome(await booted.ended(await booted.start(stateMachineArn)))).toBe("new");
    const old = await booted.sfn.send(new DescribeExecutionCommand({ executionArn: running }));
    expect(old.status).toBe("RUNNING");
    await booted.sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
    await expect(booted.start(stateMachineArn)).rejects.toMatchObject({ name: "StateMachineDoesNotExist" });
  });

  it("lists machines in pages", async () => {
    for (const name of ["page-a", "page-b", "page-c"]) await booted.create(machine({ A: pass(1) }), name);
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await booted.sfn.send(new ListStateMachinesCommand({ maxResults: 2, nextToken }));
      names.push(...(page.stateMachines ?? []).map(({ name }) => name ?? ""));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(names.filter((name) => name.startsWith("page-"))).toEqual(["page-a", "page-b", "page-c"]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("validates without creating", async () => {
    const validate = async (definition: string) =>
      (await booted.sfn.send(new ValidateStateMachineDefinitionCommand({ definition }))).result;
    expect([await validate(napping), await validate("{}")]).toEqual(["OK", "FAIL"]);
  });

  it("refuses a name with forbidden characters and an EXPRESS machine", async () => {
    await expect(booted.create(napping, "a b")).rejects.toMatchObject({ name: "InvalidName" });
    const express = new CreateStateMachineCommand({ name: "e", definition: napping, roleArn, type: "EXPRESS" });
    await expect(booted.sfn.send(express)).rejects.toMatchObject({ name: "StateMachineTypeNotSupported" });
  });
});

describe("executions", () => {
  it("starts once for the same name and input while it runs", async () => {
    const arn = await booted.create(napping, "idempotent");
    const first = await booted.start(arn, { a: 1, b: 2 }, "once");
    expect(await booted.start(arn, { a: 1, b: 2 }, "once")).toBe(first);
    await expect(booted.start(arn, { a: 2 }, "once")).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    await booted.sfn.send(new StopExecutionCommand({ executionArn: first }));
    await expect(booted.start(arn, { a: 1, b: 2 }, "once")).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
  });

  it("starts once when the same start arrives twice at the same moment", async () => {
    const arn = await booted.create(napping, "twice");
    const both = await Promise.all([booted.start(arn, {}, "x"), booted.start(arn, {}, "x")]);
    expect(new Set(both).size).toBe(1);
    const listed = await booted.sfn.send(new ListExecutionsCommand({ stateMachineArn: arn }));
    expect(listed.executions).toHaveLength(1);
  });

  it("refuses an input that is no JSON or too large", async () => {
    const stateMachineArn = await booted.create(napping, "inputs");
    for (const input of ["{", JSON.stringify("x".repeat(262_144))]) {
      const start = booted.sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
      await expect(start).rejects.toMatchObject({ name: "InvalidExecutionInput" });
    }
  });

  it("lists executions in pages, the latest first, by status", async () => {
    const stateMachineArn = await booted.create(napping, "listed");
    const started: string[] = [];
    for (let index = 0; index < 5; index += 1) started.push(await booted.start(stateMachineArn, {}, `n${index}`));
    await booted.sfn.send(new StopExecutionCommand({ executionArn: started[0] ?? "" }));
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const query = { stateMachineArn, statusFilter: "RUNNING" as const, maxResults: 3, nextToken };
      const page = await booted.sfn.send(new ListExecutionsCommand(query));
      seen.push(...(page.executions ?? []).map(({ executionArn }) => executionArn));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(new Set(seen)).toEqual(new Set(started.slice(1)));
    expect(seen).toHaveLength(4);
    const startDates = await Promise.all(
      seen.map(
        async (executionArn) => (await booted.sfn.send(new DescribeExecutionCommand({ executionArn }))).startDate,
      ),
    );
    expect(startDates).toEqual(startDates.toSorted((left, right) => Number(right) - Number(left)));
  });

  it("stops an execution and shows its history in pages, forwards and backwards", async () => {
    const executionArn = await booted.begin({ Nap: { Type: "Wait", Seconds: 60, End: true } });
    await vi.waitFor(async () => {
      const { events } = await booted.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
      expect(events?.map(({ type }) => type)).toContain("WaitStateEntered");
    });
    await booted.sfn.send(new StopExecutionCommand({ executionArn, error: "Enough", cause: "a test" }));
    expect(outcome(await booted.ended(executionArn))).toEqual({ status: "ABORTED", error: "Enough", cause: "a test" });
    const first = await booted.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 2 }));
    expect(first.events?.map(({ type }) => type)).toEqual(["ExecutionStarted", "WaitStateEntered"]);
    expect(first.events?.[0]?.timestamp).toBeInstanceOf(Date);
    const query = { executionArn, maxResults: 2, nextToken: first.nextToken };
    const second = await booted.sfn.send(new GetExecutionHistoryCommand(query));
    expect(second.events?.map(({ type, id }) => [type, id])).toEqual([["ExecutionAborted", 3]]);
    expect(second.nextToken).toBeUndefined();
    const last = { executionArn, maxResults: 1, reverseOrder: true };
    const backwards = await booted.sfn.send(new GetExecutionHistoryCommand(last));
    expect(backwards.events?.[0]?.executionAbortedEventDetails).toEqual({ error: "Enough", cause: "a test" });
  });

  it("writes about five history events for a Task", async () => {
    const done = await boot({ functions: { noop: () => null } });
    const Resource = "arn:aws:lambda:us-east-1:000000000000:function:noop";
    const executionArn = await done.begin({ Do: { Type: "Task", Resource, End: true } });
    await done.ended(executionArn);
    const { events = [] } = await done.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events.map(({ type }) => type)).toEqual([
      "ExecutionStarted",
      "TaskStateEntered",
      "TaskScheduled",
      "TaskStarted",
      "TaskSucceeded",
      "TaskStateExited",
      "ExecutionSucceeded",
    ]);
    expect(events.map(({ previousEventId }) => previousEventId)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await done.close();
  });

  it("answers an unknown operation and a broken body with an error of its own", async () => {
    const { hostname, port, protocol } = (await booted.sfn.config.endpoint?.()) ?? {};
    const post = async (operation: string, body: string) => {
      const headers = { "x-amz-target": `AWSStepFunctions.${operation}` };
      const answer = await fetch(`${protocol}//${hostname}:${port}`, { method: "POST", headers, body });
      return [answer.status, ((await answer.json()) as { __type: string }).__type];
    };
    expect(await post("Fly", "{}")).toEqual([400, "UnknownOperationException"]);
    expect(await post("StartExecution", "{")).toEqual([400, "SerializationException"]);
    expect(await post("StartExecution", "{}")).toEqual([400, "ValidationException"]);
  });

  it("says which execution does not exist", async () => {
    const executionArn = "arn:aws:states:us-east-1:000000000000:execution:a:b";
    const asked = booted.sfn.send(new DescribeExecutionCommand({ executionArn }));
    await expect(asked).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
  });
});
