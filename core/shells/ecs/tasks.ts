import type { ECSClient, RunTaskCommandOutput, Task } from "@aws-sdk/client-ecs";
import type { Clock } from "../../base/clock.ts";
import { fatal, messageOf, retryable } from "../../base/errors.ts";
import { agentPort } from "../exec-agent/protocol.ts";
import { hashOf } from "../exec-agent/record.ts";

export interface TaskOptions {
  cluster: string;
  definition: string;
  subnets: string[];
  securityGroup: string;
}

/** What all overrides of one RunTask may have together (Amazon ECS API reference, RunTask). */
const maxOverrideCharacters = 8192;
/** A task that pulls its image for the first time takes a minute; after five something is wrong. */
const maxStartMs = 5 * 60_000;
const lookEveryMs = 1_000;

const startFailed = (reason: string, cause?: unknown) =>
  retryable(`No machine could be started for the workspace: ${reason}`, { code: "shell.start-failed", cause });

/** How ECS words that there is no such image (Amazon ECS guide, "CannotPullContainer task errors"), then the program that pulls. */
const imageIsMissing = /^CannotPull.*(not found|manifest unknown|does not exist)/is;

/** For the person who gave the command, and knows nothing of tasks. */
const wordsFor = (stopped: string): string =>
  imageIsMissing.test(stopped)
    ? `the image of this deployment's machines is missing. Whoever runs the deployment should run npm run deploy again, or mend machine.image where that names one (${stopped})`
    : stopped;

/** Fargate tasks, one for each machine. */
export async function openTasks(ecs: ECSClient, options: TaskOptions, clock: Clock) {
  const { DescribeTasksCommand, RunTaskCommand, StopTaskCommand } = await import("@aws-sdk/client-ecs");
  const { cluster } = options;

  /** By its client token the same machine is asked for once, from wherever (Amazon ECS guide, "Ensuring idempotency"). */
  async function start(id: string, token: string): Promise<string> {
    const { failures, tasks } = await request(id, token);
    const arn = tasks?.[0]?.taskArn;
    if (arn) return arn;
    throw startFailed(failures?.[0]?.reason ?? "no reason was given");
  }

  async function request(id: string, token: string): Promise<RunTaskCommandOutput> {
    const overrides = overridesFor(token);
    const { definition, securityGroup, subnets } = options;
    // Public, since there is no NAT gateway: the way out only, the group lets nothing in.
    const awsvpcConfiguration = { subnets, securityGroups: [securityGroup], assignPublicIp: "ENABLED" as const };
    const network = { launchType: "FARGATE" as const, networkConfiguration: { awsvpcConfiguration } };
    try {
      return await ecs.send(
        new RunTaskCommand({ cluster, taskDefinition: definition, clientToken: id, overrides, ...network }),
      );
    } catch (error) {
      throw retryable(`The workspace's machine could not be asked for: ${messageOf(error)}`, { cause: error });
    }
  }

  async function describe(arn: string): Promise<Task | undefined> {
    try {
      return (await ecs.send(new DescribeTasksCommand({ cluster, tasks: [arn] }))).tasks?.[0];
    } catch (error) {
      throw retryable(`The workspace's machine could not be looked at: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Waits until the task runs. @returns `address:port` */
  async function address(arn: string): Promise<string> {
    for (const until = clock.now() + maxStartMs; clock.now() < until; await clock.sleep(lookEveryMs)) {
      const task = await describe(arn);
      if (!task || task.lastStatus === "STOPPED") throw startFailed(wordsFor(task?.stoppedReason ?? "it is not there"));
      const ip = task.lastStatus === "RUNNING" ? privateAddressOf(task) : undefined;
      if (ip !== undefined) return `${ip}:${agentPort}`;
    }
    throw startFailed("it did not run after five minutes");
  }

  async function stop(arn: string): Promise<void> {
    try {
      await ecs.send(new StopTaskCommand({ cluster, task: arn, reason: "Its workspace is idle" }));
    } catch (error) {
      // Hours after its end a task is not known any more.
      if (error instanceof Error && error.name === "InvalidParameterException") return;
      throw retryable(`The workspace's machine could not be stopped: ${messageOf(error)}`, { cause: error });
    }
  }

  return { start, describe, address, stop };
}

/** The hash only: overrides can be read by whoever may look at tasks. */
function overridesFor(token: string) {
  const environment = [{ name: "TALARIA_AGENT_TOKEN_HASH", value: hashOf(token) }];
  const overrides = { containerOverrides: [{ name: "shell", environment }] };
  if (JSON.stringify(overrides).length <= maxOverrideCharacters) return overrides;
  throw fatal("The overrides of the shell's task are too long.", { code: "shell.overrides" });
}

const privateAddressOf = (task: Task): string | undefined =>
  task.attachments?.flatMap(({ details = [] }) => details).find(({ name }) => name === "privateIPv4Address")?.value;
