import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker } from "../../../core/shells/docker/docker.ts";
import { sandboxMissing } from "../../fakes/bubblewrap-container.ts";
import { type FakeDocker, startFakeDocker } from "../../fakes/docker-engine.ts";
import { type CertificateAuthority, makeAuthority, opensslMissing } from "../../fakes/docker-tls.ts";
import { startTlsFront, type TlsFront } from "../../fakes/docker-tls.ts";
import { shellPorts } from "../../support/shell-ports.ts";

const reason = opensslMissing();
if (reason !== undefined) console.log(`skipped: docker over TLS, since ${reason}`);

const timeoutMs = 15_000;
let engine: FakeDocker;
let authority: CertificateAuthority;
let front: TlsFront;
let settings: Record<string, string>;

const connect = (changes: Record<string, string> = {}) => docker.connect({ ...settings, ...changes }, shellPorts());
const acquire = async (changes: Record<string, string> = {}) => (await connect(changes)).acquire("any");
const mapped = (change: (text: string) => string) =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, name === "DOCKER_HOST" ? value : change(value)]),
  );

describe.skipIf(reason !== undefined)("docker over TLS", () => {
  beforeAll(async () => {
    [engine, authority] = await Promise.all([startFakeDocker(), makeAuthority()]);
    front = await startTlsFront(engine.socketPath, { ca: authority.cert, ...(await authority.issue("IP:127.0.0.1")) });
    const ours = await authority.issue();
    settings = {
      DOCKER_HOST: `tcp://127.0.0.1:${front.port}`,
      DOCKER_TLS_CA: authority.cert,
      DOCKER_TLS_CERT: ours.cert,
      DOCKER_TLS_KEY: ours.key,
    };
  });
  afterAll(async () => {
    await front.close();
    await Promise.all([engine.close(), authority.remove()]);
  });

  describe.skipIf(sandboxMissing() !== undefined)("runs commands", () => {
    it("on an engine that lets in only whom it knows", async () => {
      const workspace = await acquire();
      expect((await workspace.run("cat; echo done", { timeoutMs, stdin: "given " })).output).toBe("given done\n");
    });

    it.each([
      ["on one line, as .env has them", (text: string) => text.replaceAll("\n", "\\n")],
      ["in base64", (text: string) => Buffer.from(text).toString("base64")],
      ["without an end of line", (text: string) => text.trim()],
    ])("with texts %s", async (_form, change) => {
      const workspace = await acquire(mapped(change));
      expect((await workspace.run("echo done", { timeoutMs })).output).toBe("done\n");
    });

    it("by https://, and with a folder", async () => {
      const { DOCKER_HOST: host = "" } = settings;
      const folder = { DOCKER_HOST: host, DOCKER_CERT_PATH: authority.folder };
      const byFolder = await (await docker.connect(folder, shellPorts())).acquire("any");
      expect((await byFolder.run("echo done", { timeoutMs })).output).toBe("done\n");
      const byHttps = await acquire({ DOCKER_HOST: host.replace("tcp:", "https:") });
      expect((await byHttps.run("echo done", { timeoutMs })).output).toBe("done\n");
    });
  });

  describe("an engine", () => {
    it("is not spoken to when somebody else vouches for it", async () => {
      const other = await makeAuthority();
      await expect(acquire({ DOCKER_TLS_CA: other.cert })).rejects.toMatchObject({
        kind: "refused",
        message: expect.stringMatching(/do not trust each other.*DOCKER_TLS_CA/),
      });
      await other.remove();
    });

    it("is not spoken to when its certificate is that of another machine", async () => {
      const elsewhere = await authority.issue("DNS:docker.example.org");
      const wrong = await startTlsFront(engine.socketPath, { ca: authority.cert, ...elsewhere });
      await expect(acquire({ DOCKER_HOST: `tcp://127.0.0.1:${wrong.port}` })).rejects.toMatchObject({
        kind: "refused",
        message: expect.stringContaining("do not trust each other"),
      });
      await wrong.close();
    });

    it("lets nobody in whom its own CA does not vouch for", async () => {
      const other = await makeAuthority();
      const { cert, key } = await other.issue();
      const stranger = { DOCKER_TLS_CERT: cert, DOCKER_TLS_KEY: key };
      const before = engine.calls.length;
      await expect(acquire(stranger)).rejects.toMatchObject({ name: expect.stringContaining("Talaria") });
      expect(engine.calls.length).toBe(before);
      await other.remove();
    });

    it("is not begun with texts that are no certificate, no key or not a pair, and the key is not repeated", async () => {
      const { key } = await authority.issue();
      const bad = { DOCKER_TLS_KEY: "-----BEGIN PRIVATE KEY-----\nsecret words\n-----END PRIVATE KEY-----" };
      await expect(connect({ DOCKER_TLS_CA: "words" })).rejects.toThrow("DOCKER_TLS_CA (ca.pem) is not a certificate");
      await expect(connect({ DOCKER_TLS_CERT: "" })).rejects.toThrow("DOCKER_TLS_CERT is missing");
      await expect(connect({ DOCKER_TLS_KEY: key })).rejects.toThrow("is not the key of DOCKER_TLS_CERT");
      await expect(connect(bad)).rejects.toThrow(/^(?!.*secret words)DOCKER_TLS_KEY/);
    });

    it("is named as such to the operator", async () => {
      expect(await docker.summary(settings)).toContain(`tcp://127.0.0.1:${front.port} over TLS`);
    });
  });
});

describe("a docker engine without TLS", () => {
  const summary = (host: string) => docker.summary({ DOCKER_HOST: host });

  it.each([
    "tcp://localhost:2375",
    "tcp://127.0.0.1",
    "tcp://[::1]:2375",
    "tcp://10.1.2.3:2375",
    "tcp://172.16.0.1:2375",
    "tcp://192.168.1.2:2375",
    "tcp://169.254.1.1:2375",
    "tcp://[fd00::1]:2375",
    "tcp://[fe80::1]:2375",
  ])("may be near: %s", async (host) => {
    expect(await summary(host)).toContain(`on ${host}, no network`);
  });

  it.each([
    "tcp://203.0.113.5:2375",
    "tcp://docker.example.org",
    "tcp://172.32.0.1",
    "tcp://0x7f000001:2375",
    "tcp://10.0.0.1.example.org",
    "tcp://localhost.example.org",
    "tcp://[2001:4860::1]",
  ])("is refused on the internet: %s", async (host) => {
    await expect(summary(host)).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringMatching(/root there.*DOCKER_TLS_CA, DOCKER_TLS_CERT and DOCKER_TLS_KEY/),
    });
    await expect(docker.connect({ DOCKER_HOST: host }, shellPorts())).rejects.toMatchObject({ kind: "refused" });
  });

  it("is refused behind https, which no certificate of ours is for", async () => {
    await expect(summary("https://10.0.0.1")).rejects.toThrow("needs certificates");
  });
});
