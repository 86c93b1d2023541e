import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildTaskImage } from "../../cli/task-image.ts";
import { systemClock } from "../../core/base/clock.ts";
import { imageParts, tagOf } from "../../stacks/image-parts.ts";

const root = new URL("../..", import.meta.url).pathname;
const buildId = "talaria-test-shell-image:0b1c";
const deepLink = "https://console.aws.amazon.com/cloudwatch/home#logs";

interface Refusal {
  type: string;
  message: string;
}

interface StartBuildRequest {
  projectName: string;
  sourceLocationOverride: string;
  environmentVariablesOverride: { name: string; value: string }[];
}

/** What the next builds come to. */
interface Fate {
  status?: string;
  phases?: object[];
  refusal?: Refusal;
  /** Somebody else has pushed the tag before we could. */
  isOvertaken?: boolean;
}

/** S3, the registry and CodeBuild on loopback, as they speak JSON 1.1: a build takes two looks. */
async function startAws(fate: Fate = {}) {
  const aws = { objects: new Map<string, Buffer>(), images: new Set<string>(), calls: [] as string[], builds: 0, fate };
  const started: StartBuildRequest[] = [];
  let looks = 0;

  const operations: Record<string, (input: never) => object> = {
    BatchGetImage: ({ imageIds }: { imageIds: { imageTag: string }[] }) => ({
      images: imageIds.filter(({ imageTag }) => aws.images.has(imageTag)).map((imageId) => ({ imageId })),
      failures: imageIds
        .filter(({ imageTag }) => !aws.images.has(imageTag))
        .map((imageId) => ({ imageId, failureCode: "ImageNotFound", failureReason: "Requested image not found" })),
    }),
    StartBuild(input: StartBuildRequest) {
      started.push(input);
      looks = 0;
      return { build: { id: buildId, buildStatus: "IN_PROGRESS" } };
    },
    BatchGetBuilds() {
      looks += 1;
      const { status = "SUCCEEDED", phases, isOvertaken } = aws.fate;
      if (looks < 2) return { builds: [{ id: buildId, buildStatus: "IN_PROGRESS" }] };
      const [tag] = started.at(-1)?.environmentVariablesOverride ?? [];
      if (status === "SUCCEEDED" || isOvertaken) aws.images.add(tag?.value ?? "");
      return { builds: [{ id: buildId, buildStatus: status, phases, logs: { deepLink } }] };
    },
  };

  async function answer(request: IncomingMessage): Promise<[status: number, body: object]> {
    const body = await buffer(request);
    const operation = String(request.headers["x-amz-target"] ?? "").replace(/^.*\./, "");
    if (operation === "") return (aws.objects.set((request.url ?? "").split("?")[0] ?? "", body), [200, {}]);
    aws.calls.push(operation);
    const { refusal } = aws.fate;
    if (operation === "StartBuild" && refusal) return [400, { __type: refusal.type, message: refusal.message }];
    return [200, operations[operation]?.(JSON.parse(body.toString("utf8")) as never) ?? {}];
  }

  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_ECR: url,
    AWS_ENDPOINT_URL_CODEBUILD: url,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: "made-up",
    AWS_SECRET_ACCESS_KEY: "made-up",
  });
  return Object.assign(aws, { started });
}

/** A clock on which a wait is over at once. */
function quickClock() {
  let now = 0;
  return { ...systemClock, now: () => now, sleep: async (ms: number) => void (now += ms) };
}

const build = () =>
  buildTaskImage({
    config: { region: "us-east-1", machine: { size: "small" } },
    root,
    bucket: "the-bucket",
    project: "talaria-test-shell-image",
    repository: "talaria-test-shell",
    clock: quickClock(),
    print() {},
  });

describe("the image of the shell ecs", () => {
  it("is built from a zip of the Dockerfile and the exec agent, under the tag that the task definition names", async () => {
    const aws = await startAws();
    expect(await build()).toEqual({ level: "ok", text: "Machine image: built" });
    const tag = tagOf(await imageParts(root));
    expect(aws.started).toEqual([
      {
        projectName: "talaria-test-shell-image",
        sourceLocationOverride: `the-bucket/shell-image/${tag}.zip`,
        environmentVariablesOverride: [{ name: "TAG", value: tag }],
      },
    ]);
    const zip = aws.objects.get(`/the-bucket/shell-image/${tag}.zip`);
    for (const part of ["Dockerfile", "apt-get install", "agent.mjs", "TALARIA_AGENT_"])
      expect(zip?.includes(part)).toBe(true);
  });

  it("is left alone when it is in the repository", async () => {
    const aws = await startAws();
    await build();
    const before = aws.calls.length;
    expect(await build()).toMatchObject({ level: "ok" });
    expect(aws.calls.slice(before)).toEqual(["BatchGetImage"]);
  });

  it("that cannot be built is a problem which names the phase, its words and the log; the next deploy tries again", async () => {
    const phases = [
      { phaseType: "PRE_BUILD", phaseStatus: "SUCCEEDED" },
      {
        phaseType: "BUILD",
        phaseStatus: "FAILED",
        contexts: [{ statusCode: "COMMAND_EXECUTION_ERROR", message: "docker build. Reason: exit status 100" }],
      },
    ];
    const aws = await startAws({ status: "FAILED", phases });
    const finding = await build();
    expect(finding).toMatchObject({
      level: "problem",
      text: "Machine image: AWS could not build it (BUILD FAILED, docker build. Reason: exit status 100)",
      cure: expect.stringMatching(/mend shell-agent\/Dockerfile and run npm run deploy again; its log: https:/),
    });
    aws.fate = {};
    expect(await build()).toMatchObject({ level: "ok" });
  });

  it("that another deploy has pushed meanwhile is there all the same", async () => {
    await startAws({ status: "FAILED", isOvertaken: true });
    expect(await build()).toMatchObject({ level: "ok", text: expect.stringContaining("another deploy") });
  });

  it("is not waited for longer than a build may take", async () => {
    await startAws({ status: "IN_PROGRESS" });
    expect(await build()).toMatchObject({ level: "problem", text: expect.stringContaining("after 20 minutes") });
  });

  it("may not be built yet in a new account, which says both ways out", async () => {
    const message = "Cannot have more than 0 builds in queue for the account";
    await startAws({ refusal: { type: "AccountLimitExceededException", message } });
    const finding = await build();
    expect(finding).toMatchObject({ level: "problem", text: expect.stringContaining("new account") });
    const [, image] = /machine: \{ image: "(.+)" \}/.exec("cure" in finding ? finding.cure : "") ?? [];
    expect(image).toBe("public.ecr.aws/docker/library/node:24-bookworm");
    expect(finding).toMatchObject({ cure: expect.stringContaining("Concurrently running builds for ARM/Small") });
  });

  it("that AWS refuses for another reason is a problem with its words", async () => {
    await startAws({ refusal: { type: "ResourceNotFoundException", message: "Project cannot be found" } });
    expect(await build()).toMatchObject({ level: "problem", text: "Machine image: Project cannot be found" });
  });
});
