/** The image of the shell "ecs": CodeBuild makes it of shell-agent/Dockerfile and puts it into our own repository. */
import type { Build, CodeBuildClient } from "@aws-sdk/client-codebuild";
import type { ECRClient } from "@aws-sdk/client-ecr";
import { imageParts, tagOf } from "../stacks/image-parts.ts";
import { maxBuildMinutes } from "../stacks/shell-image.ts";
import { ok, problem, type Finding } from "./finding.ts";
import { buildBegins, orProblem, upload, watch, type ImagePlan } from "./shell-image.ts";
import { zipOf } from "./zip.ts";

interface TaskImagePlan extends ImagePlan {
  /** Names of the CodeBuild project and of the repository in Amazon ECR. */
  project: string;
  repository: string;
}

type Parts = Awaited<ReturnType<typeof imageParts>>;

/** Has the image built that the task definition names, unless it is in the repository. */
export const buildTaskImage = (plan: TaskImagePlan): Promise<Finding> => orProblem("Machine image", () => build(plan));

async function build(plan: TaskImagePlan): Promise<Finding> {
  const [{ CodeBuildClient }, { ECRClient }] = await Promise.all([
    import("@aws-sdk/client-codebuild"),
    import("@aws-sdk/client-ecr"),
  ]);
  const { region } = plan.config;
  const [client, registry] = [new CodeBuildClient({ region }), new ECRClient({ region })];
  const parts = await imageParts(plan.root);
  const tag = tagOf(parts);
  if (await isThere(registry, plan.repository, tag)) return ok(`Machine image: ${tag} is in ${plan.repository}`);
  plan.print(buildBegins);
  const started = await start(client, plan, { tag, source: await upload(plan, tag, zipOf(parts)) });
  if (!started) return mayNotBuild(parts);
  const ended = await settled(client, plan, started);
  if (ended.buildStatus === "SUCCEEDED") return ok("Machine image: built");
  // Another deploy may have been faster; a tag that is there cannot be pushed again.
  if (await isThere(registry, plan.repository, tag)) return ok("Machine image: built by another deploy");
  return notBuilt(ended);
}

async function isThere(registry: ECRClient, repositoryName: string, imageTag: string): Promise<boolean> {
  const { BatchGetImageCommand } = await import("@aws-sdk/client-ecr");
  const { images = [], failures = [] } = await registry.send(
    new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }),
  );
  const other = failures.find(({ failureCode }) => failureCode !== "ImageNotFound");
  if (other) throw new Error(`${repositoryName}: ${other.failureReason ?? other.failureCode}`);
  return images.length > 0;
}

/** `undefined`: this account may not build anything yet. */
async function start(client: CodeBuildClient, { project }: TaskImagePlan, what: { tag: string; source: string }) {
  const { AccountLimitExceededException, StartBuildCommand } = await import("@aws-sdk/client-codebuild");
  try {
    const { build: started } = await client.send(
      new StartBuildCommand({
        projectName: project,
        sourceLocationOverride: what.source,
        environmentVariablesOverride: [{ name: "TAG", value: what.tag }],
      }),
    );
    return started;
  } catch (error) {
    if (error instanceof AccountLimitExceededException && error.message.includes("more than 0 builds"))
      return undefined;
    throw error;
  }
}

/** The build when it has ended, or as it is when it takes too long. */
async function settled(client: CodeBuildClient, { clock }: TaskImagePlan, started: Build): Promise<Build> {
  const { BatchGetBuildsCommand } = await import("@aws-sdk/client-codebuild");
  let latest = started;
  await watch(clock, maxBuildMinutes * 60_000, async () => {
    const { builds } = await client.send(new BatchGetBuildsCommand({ ids: [started.id ?? ""] }));
    latest = builds?.[0] ?? latest;
    return latest.buildStatus === "IN_PROGRESS" ? undefined : latest;
  });
  return latest;
}

function notBuilt({ id = "", buildStatus, phases = [], logs }: Build): Finding {
  const log = `its log: ${logs?.deepLink ?? `the AWS console, CodeBuild, ${id}`}`;
  if (buildStatus === "IN_PROGRESS")
    return problem(
      `Machine image: AWS has not built it after ${maxBuildMinutes} minutes`,
      `commands cannot run yet: run npm run deploy again when it has; ${log}`,
    );
  const failed = phases.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== "SUCCEEDED");
  const reasons = failed?.contexts?.map(({ message }) => message).join("; ");
  const where = failed ? `${failed.phaseType} ${failed.phaseStatus}${reasons ? `, ${reasons}` : ""}` : buildStatus;
  return problem(
    `Machine image: AWS could not build it (${where})`,
    `commands cannot run yet: mend shell-agent/Dockerfile and run npm run deploy again; ${log}`,
  );
}

/** Both ways out; the base has no programs but its own, and needs no build (docs/operate.md). */
function mayNotBuild({ Dockerfile }: Parts): Finding {
  const [, base = ""] = /^FROM (\S+)/m.exec(Dockerfile) ?? [];
  return problem(
    "Machine image: AWS lets a new account build nothing yet (CodeBuild: 0 builds at once)",
    "commands cannot run yet: ask AWS in Service Quotas for “Concurrently running builds for ARM/Small environment” " +
      `of AWS CodeBuild, or write machine: { image: "${base}" } in agent.config.ts, which needs no build; ` +
      "then run npm run deploy again",
  );
}
