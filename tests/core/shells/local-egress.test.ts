import { createServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import { newId } from "../../../core/base/ids.ts";
import { parseEgress } from "../../../core/shells/egress.ts";
import { lookAtJob, startJob } from "../../../core/shells/jobs/jobs.ts";
import { bubblewrapRunner } from "../../../core/shells/local/bubblewrap.ts";
import { local, localBackend } from "../../../core/shells/local/local.ts";
import type { ShellBackend } from "../../../core/shells/shell.ts";
import { shellPorts } from "../../support/shell-ports.ts";
import { bubblewrapHere, newFolder } from "./runners.ts";

const isHere = (await bubblewrapHere()) !== undefined;
const timeoutMs = 15_000;

/** A service on this machine that says what it was asked. */
const seen: string[] = [];
const server = createServer((request, response) => {
  seen.push(request.url ?? "");
  const answer = (body: string) =>
    `reached ${request.method} ${request.url} of ${request.headers.host}, ${body.length} characters\n`;
  void text(request).then((body) => response.end(answer(body)));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
afterAll(() => server.close());

/** What names stand for here: `*.home.test` for this machine, `metadata.test` for the metadata of a cloud. */
const resolve = async (name: string) => {
  if (name.endsWith(".home.test")) return ["127.0.0.1"];
  return name === "metadata.test" ? ["169.254.169.254"] : [];
};
const backends: ShellBackend[] = [];
afterAll(() => Promise.all(backends.map(async (backend) => backend.close?.())));

async function connect(list: string, folder?: string) {
  const workspaces = folder ?? (await newFolder());
  const runner = await bubblewrapRunner(parseEgress(list), workspaces, resolve);
  const backend = localBackend(runner ?? expect.fail("bubblewrap works without a list"), workspaces);
  backends.push(backend);
  const workspace = await backend.acquire("listed");
  const run = async (script: string) => (await workspace.run(script, { timeoutMs })).output;
  return { backend, workspaces, workspace, run };
}

describe.skipIf(!isHere)("a sandbox whose network is a list", () => {
  it("reaches a listed name in a listed range, plainly and by a tunnel", async () => {
    const { run } = await connect("app.home.test, 127.0.0.0/8");
    const url = `http://app.home.test:${port}`;
    expect(await run(`curl -sS ${url}/plain; curl -sS -p ${url}/tunnel`)).toBe(
      `reached GET /plain of app.home.test:${port}, 0 characters\nreached GET /tunnel of app.home.test:${port}, 0 characters\n`,
    );
  });

  it("reaches an address of a listed range", async () => {
    const { run } = await connect("127.0.0.0/8");
    expect(await run(`curl -sS --noproxy '' http://127.0.0.1:${port}/address`)).toContain("reached GET /address");
  });

  it("sends what is large both ways, and with it the end", async () => {
    const { run } = await connect("app.home.test,127.0.0.0/8");
    const script = `head -c 3000000 /dev/zero | tr '\\0' x > big`;
    for (const how of ["", "-p", "-H 'transfer-encoding: chunked'"])
      expect(await run(`${script}; curl -sS ${how} --data-binary @big http://app.home.test:${port}/`)).toContain(
        "3000000 characters",
      );
  });

  it("is told the reason, and what to do, when it asks for anything else", async () => {
    const { run } = await connect("pypi.org,127.0.0.0/8");
    const said = await run("curl -sS -w '%{http_code}' http://example.com/secrets");
    expect(said).toContain("http://example.com/secrets may not be reached from this shell: example.com is not on the");
    expect(said).toContain("only this may be reached: pypi.org, 127.0.0.0/8");
    expect(said).toMatch(/add a name or an IP range to TALARIA_SHELL_NETWORK\.\n403$/);
    const tunnel =
      "exec 5<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT example.com:443 HTTP/1.1\\r\\n\\r\\n' >&5; cat <&5";
    expect(await run(tunnel)).toMatch(/^HTTP\/1\.1 403 example\.com is not on the list\r\n[\s\S]*may not be reached/);
    expect(await run("curl -sS https://example.com 2>&1")).toContain("403");
  });

  it("has no other way out", async () => {
    const { run } = await connect("pypi.org");
    const before = seen.length;
    const direct = (address: string) => `(exec 5<>/dev/tcp/${address}) 2>&1 | sed '$!d; s/.*: //'`;
    expect(await run([direct(`127.0.0.1/${port}`), direct("192.0.2.1/443")].join("; "))).toBe(
      "Connection refused\nNetwork is unreachable\n",
    );
    expect(await run(`curl -sS --noproxy '*' http://127.0.0.1:${port}/ 2>&1`)).toContain("Failed to connect");
    expect(await run("getent hosts pypi.org || echo no name")).toBe("no name\n");
    expect(seen).toHaveLength(before);
  });

  it("reaches neither this machine nor a cloud's metadata, whatever a listed name stands for", async () => {
    const { run } = await connect("*.home.test,metadata.test,127.0.0.2/32");
    const before = seen.length;
    const status = (url: string) => `curl -sS -o said -w '%{http_code} ' --noproxy '' ${url}`;
    for (const how of ["", "-p "])
      for (const url of [
        `http://app.home.test:${port}/`,
        "http://metadata.test/latest/meta-data/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/latest/meta-data/",
        "http://0xa9.0xfe.0xa9.0xfe/",
        `http://127.0.0.1:${port}/`,
        `http://[::1]:${port}/`,
        `http://[::ffff:127.0.0.1]:${port}/`,
        `http://localhost:${port}/`,
      ])
        expect({ how, url, said: await run(`${status(`${how}'${url}'`)} 2>&1`) }).toMatchObject({
          said: expect.stringContaining("403"),
        });
    expect(seen).toHaveLength(before);
  });

  it("reaches the host that was asked for, whatever the request's header says", async () => {
    const { run } = await connect("app.home.test,127.0.0.0/8");
    expect(await run(`curl -sS -H 'Host: other.example' http://app.home.test:${port}/`)).toContain(
      `of app.home.test:${port}`,
    );
  });

  it("is told when what it may reach does not answer or is not known", async () => {
    const { run } = await connect("app.home.test,nowhere.test,127.0.0.0/8");
    const status = "curl -sS -o said -w '%{http_code} '";
    expect(await run(`${status} http://nowhere.test/; cat said`)).toBe(
      "502 Talaria: http://nowhere.test/ could not be reached: nowhere.test could not be looked up.\n",
    );
    expect(await run(`${status} http://app.home.test:1/; cat said`)).toMatch(/^502 .*ECONNREFUSED/);
    expect(
      await run(
        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 5 bash -c 'exec 5<>/dev/tcp/127.0.0.1/3128; cat >&5; cat <&5'",
      ),
    ).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("is served on, whatever a host sends", async () => {
    const answers = [
      "\0garbage\r\n\r\n",
      "HTTP/1.1 200 \u0001\r\nx: \u0001\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
      "",
    ];
    const odd = createSocketServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answers.shift() ?? "", () => socket.destroy()));
    });
    await new Promise<void>((done) => odd.listen(0, "127.0.0.1", done));
    const { run } = await connect("app.home.test,127.0.0.0/8");
    const url = `http://app.home.test:${(odd.address() as AddressInfo).port}/`;
    for (const _ of answers.slice()) await run(`curl -sS -m 5 ${url}`);
    expect(answers).toEqual([]);
    odd.close();
    const tunnel = `exec 5<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT app.home.test:${port} HTTP/1.1\\r\\n\\r\\n' >&5; exec 5>&-`;
    await run(`for i in 1 2 3 4 5 6 7 8 9; do (${tunnel}); done`);
    expect(await run(`curl -sS --http1.0 http://app.home.test:${port}/on`)).toContain("reached GET /on");
  });

  it("can wait for all its children, and reads its input", async () => {
    const { workspace } = await connect("pypi.org");
    const { output } = await workspace.run("sleep 0.1 & wait; wait; jobs; cat", { timeoutMs, stdin: "fed" });
    expect(output).toBe("fed");
  });

  it("cannot take away or replace the way out of others", async () => {
    const { run, backend, workspaces } = await connect("app.home.test,127.0.0.0/8");
    await run("rm -f /run/talaria/network/* /run/talaria/node; kill -9 -1");
    expect(await readdir(join(workspaces, ".network"))).toHaveLength(1);
    const other = await backend.acquire("other");
    const { output } = await other.run(`curl -sS http://app.home.test:${port}/`, { timeoutMs });
    expect(output).toContain("reached");
  });

  it("is isolated as long as no range is listed", async () => {
    expect((await connect("pypi.org")).workspace.isIsolated).toBe(true);
    expect((await connect("pypi.org,10.0.0.0/8")).workspace.isIsolated).toBe(false);
  });

  it("is there for a job that outlives its script, also after Talaria was started again with another list", async () => {
    const { workspace, workspaces, backend } = await connect("app.home.test,127.0.0.0/8");
    const ask = `curl -sS http://app.home.test:${port}/job | cut -c 1-12`;
    const command = `${ask}; until [ -e go ]; do sleep 0.05; done; ${ask}; until [ -e on ]; do sleep 0.05; done; ${ask}`;
    const job = { id: newId("job"), command, session: "s", savesSession: false };
    await startJob(workspace, { ...job, timeoutMs: 60_000, label: "asks" }, { waitMs: 1_000 });
    await backend.close?.();
    const wide = await connect("app.home.test,127.0.0.0/8", workspaces);
    await wide.run("touch go");
    await expect
      .poll(async () => (await lookAtJob(wide.workspace, job.id)).output.head, { timeout: 10_000 })
      .toBe("reached GET \nreached GET \n");
    await wide.backend.close?.();
    const narrow = await connect("pypi.org", workspaces);
    await narrow.run("touch on");
    await expect
      .poll(async () => (await lookAtJob(narrow.workspace, job.id)).status, { timeout: 10_000 })
      .toBe("ended");
    expect((await lookAtJob(narrow.workspace, job.id)).output.head).toContain("Talaria: htt");
  });
});

describe("the local shell with a list", () => {
  const connectLocal = async (settings: Record<string, string>) =>
    local.connect({ TALARIA_WORKSPACES: await newFolder(), ...settings }, shellPorts());

  it.skipIf(!isHere)("tells the operator and the model what may be reached", async () => {
    const settings = { TALARIA_WORKSPACES: await newFolder(), TALARIA_SHELL_NETWORK: "pypi.org, *.npmjs.org" };
    expect(await local.summary(settings)).toBe("sandbox (bubblewrap), network: pypi.org, *.npmjs.org");
    const backend = await local.connect(settings, shellPorts());
    expect(backend.description).toContain("only this may be reached: pypi.org, *.npmjs.org");
    await backend.close?.();
  });

  it.each(["pypi.org", "0"])("refuses to start without a sandbox, which cannot keep %j", async (network) => {
    const settings = { TALARIA_SHELL_UNSAFE_HOST: "1", TALARIA_SHELL_NETWORK: network };
    await expect(connectLocal(settings)).rejects.toMatchObject({
      kind: "refused",
      message: expect.stringContaining("without a sandbox"),
    });
  });

  it.skipIf(isHere)("refuses to start where there is only the simulated bash", async () => {
    await expect(connectLocal({ TALARIA_SHELL_NETWORK: "pypi.org" })).rejects.toThrow("needs bubblewrap");
  });
});
