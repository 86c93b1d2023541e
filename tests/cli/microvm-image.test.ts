import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildMicrovmImage, deleteMicrovmImage } from "../../cli/microvm-image.ts";
import type { AgentConfig } from "../../core/base/agent-config.ts";
import { systemClock } from "../../core/base/clock.ts";

const arn = "arn:aws:lambda:us-east-1:123456789012:microvm-image:talaria-test-shell";

interface Image {
  state: string;
  tags: Record<string, string>;
  request: Record<string, unknown>;
}

/** S3 and the images of Lambda MicroVMs, on loopback: a build takes one look. */
async function startAws(builtState = "CREATED") {
  const aws = { objects: new Map<string, Buffer>(), calls: [] as string[], image: undefined as Image | undefined };

  function operate(method: string, url: string, body: Buffer): [status: number, answer: object] {
    const input = () => JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    if (url.startsWith("/the-bucket/")) return (aws.objects.set(url.split("?")[0] ?? "", body), [200, {}]);
    aws.calls.push(`${method} ${url.includes("/tags/") ? "tags" : "image"}`);
    if (url.includes("/tags/")) return (Object.assign(aws.image?.tags ?? {}, input()["Tags"]), [204, {}]);
    if (method === "POST") aws.image = { state: "CREATING", tags: {}, request: input() };
    if (!aws.image) return [404, { message: "no such image" }];
    if (method === "PUT") Object.assign(aws.image, { state: "UPDATING", request: input() });
    if (method === "DELETE") aws.image = undefined;
    const answer = { imageArn: arn, name: "talaria-test-shell", ...aws.image };
    if (method === "GET" && aws.image) aws.image.state = aws.image.state.replace("CREATING", builtState);
    if (method === "GET" && aws.image) aws.image.state = aws.image.state.replace("UPDATING", "UPDATED");
    return [200, answer];
  }

  const answer = async (request: IncomingMessage) =>
    operate(request.method ?? "", decodeURIComponent(request.url ?? ""), await buffer(request));
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      const type = status === 404 ? { "x-amzn-errortype": "ResourceNotFoundException" } : {};
      response.writeHead(status, type).end(status === 204 ? undefined : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA_MICROVMS: url,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: "made-up",
    AWS_SECRET_ACCESS_KEY: "made-up",
  });
  return aws;
}

const build = (machine: Partial<AgentConfig["machine"]> = {}) =>
  buildMicrovmImage({
    config: { region: "us-east-1", machine: { size: "small", ...machine } },
    root: new URL("../..", import.meta.url).pathname,
    bucket: "the-bucket",
    image: arn,
    buildRole: "arn:aws:iam::123456789012:role/builder",
    clock: { ...systemClock, sleep: async () => {} },
    print() {},
  });

describe("the image of the shell microvm", () => {
  it("is built from a zip with its Dockerfile and the exec agent, whose readiness AWS waits for", async () => {
    const aws = await startAws();
    expect(await build()).toEqual({ level: "ok", text: "MicroVM image: built" });
    const [[key, zip] = ["", undefined]] = [...aws.objects];
    expect(key).toMatch(/^\/the-bucket\/shell-image\/[0-9a-f]{64}\.zip$/);
    for (const part of ["Dockerfile", "FROM public.ecr.aws/", "agent.mjs", "TALARIA_AGENT_"])
      expect(zip?.includes(part)).toBe(true);
    expect(aws.image?.request).toMatchObject({
      name: "talaria-test-shell",
      baseImageArn: "arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1",
      buildRoleArn: "arn:aws:iam::123456789012:role/builder",
      codeArtifact: { uri: `s3:/${key}` },
      resources: [{ minimumMemoryInMiB: 512 }],
      hooks: { port: 8080, microvmImageHooks: { ready: "ENABLED" } },
    });
  });

  it("is left alone when it is as it should be, and built again when something has changed", async () => {
    const aws = await startAws();
    await build();
    const before = aws.calls.length;
    expect((await build()).text).toContain("as it should be");
    expect(aws.calls.slice(before)).toEqual(["GET image"]);
    expect(await build({ size: "large" })).toMatchObject({ level: "ok" });
    expect(aws.calls).toContain("PUT image");
    expect(aws.image?.request).toMatchObject({ resources: [{ minimumMemoryInMiB: 8192 }] });
  });

  it("is built on an image of the owner's, where the config names one", async () => {
    const aws = await startAws();
    await build({ image: "ghcr.io/me/shell:1" });
    expect([...aws.objects.values()][0]?.includes("FROM ghcr.io/me/shell:1\n")).toBe(true);
  });

  it("that AWS cannot build is a problem, and is tried again by the next deploy", async () => {
    const aws = await startAws("CREATION_FAILED");
    expect(await build()).toMatchObject({ level: "problem", text: expect.stringContaining("CREATION_FAILED") });
    expect(aws.image?.tags).toEqual({});
    expect(await build()).toMatchObject({ level: "ok" });
  });

  it("goes with the deployment", async () => {
    const aws = await startAws();
    await build();
    expect(await deleteMicrovmImage("us-east-1", arn)).toMatchObject({ level: "ok" });
    expect(aws.image).toBeUndefined();
    expect(await deleteMicrovmImage("us-east-1", arn)).toMatchObject({ level: "ok" });
  });
});
