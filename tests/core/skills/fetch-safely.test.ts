import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../core/base/addresses.ts";
import { fetchSafely, type Network, publicNetwork } from "../../../core/skills/fetch-safely.ts";

const seen: { host: string; path: string }[] = [];
let answer: RequestListener = (_request, response) => response.end();
const server = createServer((request, response) => {
  seen.push({ host: String(request.headers.host), path: String(request.url) });
  answer(request, response);
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

/** Names that lead to the loopback server; what else may be contacted is what a public network allows. */
const network = (names: Record<string, string[]> = {}): Network => ({
  resolve: async (host) => names[host] ?? (host === "skills.example" ? ["127.0.0.1"] : []),
  mayContact: (target) => (target.address === "127.0.0.1" && target.port === port) || publicNetwork.mayContact(target),
});
const get = (path: string, options: Partial<Parameters<typeof fetchSafely>[1]> = {}) =>
  fetchSafely(`http://skills.example:${port}${path}`, { maxBytes: 1_000, network: network(), ...options });
const refusal = (code: string) => expect.objectContaining({ kind: "refused", code });

describe("an address", () => {
  it.each([
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::",
    "localhost",
    "",
  ])("that is not public is known: %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.1.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::",
  ])("that is public is known: %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe("fetching", () => {
  it("returns the body, having asked the address that was checked under the name that was given", async () => {
    answer = (_request, response) => response.end("hello");
    expect(Buffer.from(await get("/a?x=1")).toString()).toBe("hello");
    expect(seen.at(-1)).toEqual({ host: `skills.example:${port}`, path: "/a?x=1" });
  });

  it.each([
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://2130706433/x",
    "https://0x7f.1/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/x",
    "https://10.0.0.1/x",
    "https://two-faced.example/x",
    "http://public.example/x",
    "https://public.example:8443/x",
    "http://93.184.216.34/x",
  ])("never contacts %s", async (address) => {
    const names = {
      localhost: ["127.0.0.1"],
      "metadata.google.internal": ["169.254.169.254"],
      "two-faced.example": ["8.8.8.8", "10.0.0.1"],
      "public.example": ["8.8.8.8"],
    };
    const before = seen.length;
    await expect(
      fetchSafely(address, { maxBytes: 10, network: { ...publicNetwork, resolve: network(names).resolve } }),
    ).rejects.toEqual(refusal("fetch.blocked"));
    expect(seen.length).toBe(before);
  });

  it.each(["ftp://skills.example/x", "file:///etc/passwd", "nonsense", "data:text/plain,x", ""])(
    "refuses %j",
    async (address) => {
      await expect(fetchSafely(address, { maxBytes: 10, network: network() })).rejects.toEqual(
        refusal("fetch.address"),
      );
    },
  );

  it.each([
    "http://me:pw@skills.example/x",
    "http://skills.example/x?access_token=1",
    "http://skills.example/x?api_key=1",
  ])("refuses secrets in an address: %s", async (address) => {
    await expect(fetchSafely(address, { maxBytes: 10, network: network() })).rejects.toEqual(refusal("fetch.secret"));
  });

  it("refuses a name that does not exist", async () => {
    const broken: Network = { ...network(), resolve: () => Promise.reject(new Error("ENOTFOUND")) };
    await expect(get("/", { network: broken })).rejects.toEqual(refusal("fetch.name"));
    await expect(fetchSafely("https://nowhere.example/", { maxBytes: 1, network: network() })).rejects.toEqual(
      refusal("fetch.blocked"),
    );
  });

  it("follows redirects to what is allowed, and to nothing else", async () => {
    const redirect = (location: string) => {
      answer = (request, response) =>
        request.url === "/end" ? response.end("there") : response.writeHead(302, { location }).end();
    };
    redirect("/end");
    expect(Buffer.from(await get("/start")).toString()).toBe("there");
    for (const location of [
      "http://169.254.169.254/",
      "https://10.0.0.1/",
      `http://127.0.0.1:${port + 1}/`,
      "http://[::1]/",
    ]) {
      redirect(location);
      await expect(get("/start")).rejects.toEqual(refusal("fetch.blocked"));
    }
    redirect("file:///etc/passwd");
    await expect(get("/start")).rejects.toEqual(refusal("fetch.address"));
    redirect("/again");
    const before = seen.length;
    await expect(get("/start")).rejects.toEqual(refusal("fetch.redirects"));
    expect(seen.length - before).toBe(6);
  });

  it("looks a name up once for each request, so that it cannot change its mind after the check", async () => {
    let asked = 0;
    answer = (_request, response) => response.end("x");
    const turning: Network = { ...network(), resolve: async () => ((asked += 1) === 1 ? ["127.0.0.1"] : ["10.0.0.1"]) };
    await get("/", { network: turning });
    expect(asked).toBe(1);
  });

  it("stops at the limit, also when the length was not announced", async () => {
    answer = (_request, response) => response.end("x".repeat(1_001));
    await expect(get("/")).rejects.toEqual(refusal("fetch.large"));
    let written = 0;
    answer = (_request, response) => {
      const more = () => {
        while (!response.destroyed && written < 50_000_000 && response.write("y".repeat(10_000))) written += 10_000;
      };
      response.on("drain", more);
      more();
    };
    await expect(get("/")).rejects.toEqual(refusal("fetch.large"));
    expect(written).toBeLessThan(50_000_000);
    answer = (_request, response) => response.end("x".repeat(1_000));
    expect(await get("/")).toHaveLength(1_000);
  });

  it("tells what will pass from what will not", async () => {
    for (const [status, kind] of [
      [404, "refused"],
      [403, "refused"],
      [500, "retryable"],
      [429, "retryable"],
      [304, "refused"],
    ] as const) {
      answer = (_request, response) => response.writeHead(status).end();
      await expect(get("/")).rejects.toMatchObject({ kind, code: "fetch.status" });
    }
    answer = (request) => request.socket.destroy();
    await expect(get("/")).rejects.toMatchObject({ kind: "retryable", code: "fetch.failed" });
    answer = () => {};
    await expect(get("/", { timeoutMs: 50 })).rejects.toMatchObject({ kind: "retryable", code: "fetch.failed" });
  });
});
