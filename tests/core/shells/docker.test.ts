import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker } from "../../../core/shells/docker/docker.ts";
import type { ShellBackend } from "../../../core/shells/shell.ts";
import { shellSuite } from "../../contracts/shell-suite.ts";
import { sandboxMissing } from "../../fakes/bubblewrap-container.ts";
import { type FakeDocker, startFakeDocker } from "../../fakes/docker-engine.ts";
import { shellPorts } from "../../support/shell-ports.ts";

const reason = sandboxMissing();
if (reason !== undefined) console.log(`skipped: docker on its stand-in, since ${reason}`);

const fakes: FakeDocker[] = [];
afterAll(() => Promise.all(fakes.map((fake) => fake.close())));

async function newFake(): Promise<FakeDocker> {
  const fake = await startFakeDocker();
  fakes.push(fake);
  return fake;
}

const connect = (fake: FakeDocker, settings: Record<string, string> = {}): Promise<ShellBackend> =>
  docker.connect({ DOCKER_HOST: `unix://${fake.socketPath}`, ...settings }, shellPorts());

const timeoutMs = 15_000;

if (reason === undefined) shellSuite("docker", async () => connect(await newFake()));

describe.skipIf(reason !== undefined)("docker on its stand-in", () => {
  describe("a container", () => {
    let fake: FakeDocker;
    let backend: ShellBackend;
    beforeAll(async () => {
      fake = await newFake();
      backend = await connect(fake);
      await backend.acquire("locked");
    });

    it("has three capabilities, no way to more, and limits", () => {
      expect(fake.containers.get("talaria-locked")?.body).toMatchObject({
        Image: "python:3.13-bookworm",
        Cmd: ["sleep", "infinity"],
        HostConfig: {
          Init: true,
          NetworkMode: "none",
          CapDrop: ["ALL"],
          CapAdd: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
          SecurityOpt: ["no-new-privileges"],
          PidsLimit: 256,
          NanoCpus: 1e9,
          Memory: 5_120 * 1024 * 1024,
          Mounts: [{ Type: "volume", Source: "talaria-locked", Target: "/workspace" }],
        },
      });
    });

    it("costs one question when it is awake", async () => {
      fake.calls.length = 0;
      await backend.acquire("locked");
      expect(fake.calls).toEqual(["GET /containers/talaria-locked/json"]);
    });

    it("gets from its image no more than the path", async () => {
      const workspace = await backend.acquire("locked");
      expect((await workspace.run("env", { timeoutMs })).output).not.toContain("IMAGE_SAYS");
    });

    it("is made anew on the same volume when it vanished, and the model is told", async () => {
      const before = await backend.acquire("vanishes");
      expect(before.notice).toBeUndefined();
      await before.run("echo kept > file; echo lost > /tmp/file", { timeoutMs });
      await fake.vanish("talaria-vanishes");
      await expect(before.run("true", { timeoutMs })).rejects.toMatchObject({ kind: "retryable" });
      const after = await backend.acquire("vanishes");
      expect(after.notice).toContain("made anew");
      expect((await after.run("cat file /tmp/file", { timeoutMs })).output).toMatch(/^kept\ncat: \/tmp\/file/);
      expect((await backend.acquire("vanishes")).notice).toBeUndefined();
    });

    it("is not used on when its settings are others now", async () => {
      await (await backend.acquire("changes")).run("echo kept > file", { timeoutMs });
      const open = await connect(fake, { TALARIA_SHELL_NETWORK: "1" });
      expect(open.description).toContain("The network is open");
      const after = await open.acquire("changes");
      expect(fake.containers.get("talaria-changes")?.body.HostConfig).toMatchObject({ NetworkMode: "bridge" });
      expect(after.notice).toContain("made anew");
      expect((await after.run("cat file", { timeoutMs })).output).toBe("kept\n");
    });

    it("is made once when two ask for it at once", async () => {
      const [one, two] = await Promise.all([backend.acquire("twice"), backend.acquire("twice")]);
      await one.run("echo here > file", { timeoutMs });
      expect((await two.run("cat file", { timeoutMs })).output).toBe("here\n");
    });
  });

  describe("an image", () => {
    it("is fetched once, by one tag, when the engine does not have it", async () => {
      const fake = await newFake();
      const backend = await connect(fake, { TALARIA_DOCKER_IMAGE: "some/image" });
      await backend.acquire("one");
      await backend.acquire("two");
      expect(fake.calls.filter((call) => call.includes("/images/"))).toEqual([
        "POST /images/create?fromImage=some%2Fimage&tag=latest",
      ]);
    });

    it("that cannot be fetched is a failure that says what to do", async () => {
      const fake = await newFake();
      fake.pullFailure = "dial tcp: lookup failed";
      await expect((await connect(fake)).acquire("one")).rejects.toMatchObject({
        kind: "retryable",
        message: expect.stringMatching(/python:3\.13-bookworm.*lookup failed.*TALARIA_DOCKER_IMAGE/),
      });
    });
  });
});

describe("the docker shell", () => {
  it("is a retryable failure where no engine listens", async () => {
    const backend = await docker.connect({ DOCKER_HOST: "unix:///nowhere/docker.sock" }, shellPorts());
    await expect(backend.acquire("any")).rejects.toMatchObject({
      kind: "retryable",
      message: expect.stringContaining("Docker does not answer"),
    });
  });

  it.each([
    [{ DOCKER_HOST: "ssh://somebody@somewhere" }, "DOCKER_HOST must begin with"],
    [{ DOCKER_HOST: "tcp://127.0.0.1:2376", DOCKER_CERT_PATH: "/nowhere" }, "DOCKER_CERT_PATH must be a folder"],
    [{ TALARIA_DOCKER_CPUS: "none" }, "TALARIA_DOCKER_CPUS must be a number"],
    [{ TALARIA_SHELL_NETWORK: "pypi.org" }, "a Docker engine knows only a whole network or none"],
    [{ TALARIA_DOCKER_MEMORY_MB: "-1" }, "TALARIA_DOCKER_MEMORY_MB must be a number"],
  ])("refuses %j", async (settings, message) => {
    await expect(docker.connect(settings, shellPorts())).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining(message),
    });
  });
});

const realSocket = "/var/run/docker.sock";
if (existsSync(realSocket)) shellSuite("a real docker engine", () => docker.connect({}, shellPorts()));
else console.log("skipped: a real docker engine, since no Docker socket is here");
