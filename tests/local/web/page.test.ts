import { request, type IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../../local/cloud/front.ts";
import { startFront } from "../../../local/cloud/front.ts";
import type { RunningServer } from "../../../local/cloud/wire.ts";
import { chatPage } from "../../../local/web/page.ts";

const token = 'a-token-"with"-<markup>&';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe("the server of the chat page", () => {
  let server: RunningServer;
  const routes: Route[] = chatPage({ token, isPublic: false });

  beforeAll(async () => {
    server = await startFront(routes, 0);
  });
  afterAll(() => server.close());

  /** `fetch` would clean the path and set the host by itself. */
  const ask = (
    path: string,
    { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const { port } = new URL(server.url);
      const sent = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
      sent.on("error", reject).end();
    });

  it("answers the page with the token, escaped, and headers that keep it to itself", async () => {
    const { status, headers, body } = await ask("/");
    expect(status).toBe(200);
    expect(body).toContain('content="a-token-&quot;with&quot;-&lt;markup&gt;&amp;"');
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).not.toMatch(/unsafe|https?:|\*/);
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("leaves the token out for whoever comes through a proxy, and for everybody where the port is public", async () => {
    for (const name of ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
      expect((await ask("/", { headers: { [name]: "203.0.113.9" } })).body).toContain('content=""');
    const exposed = await startFront(chatPage({ token, isPublic: true }), 0);
    try {
      const body = await (await fetch(exposed.url)).text();
      expect(body).toContain('name="talaria-token" content=""');
    } finally {
      await exposed.close();
    }
  });

  it("answers under loopback names only", async () => {
    const { port } = new URL(server.url);
    expect((await ask("/", { headers: { host: `localhost:${port}` } })).status).toBe(200);
    for (const host of ["evil.example", `evil.example:${port}`, `127.0.0.1.evil.example:${port}`]) {
      const { status, body } = await ask("/", { headers: { host } });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body).not.toContain("a-token");
    }
  });

  it("does not answer a page of another origin", async () => {
    for (const origin of ["https://evil.example", "http://127.0.0.1:1", "null"]) {
      const { status, body } = await ask("/", { headers: { origin } });
      expect(status).toBe(403);
      expect(body).not.toContain("a-token");
    }
  });

  it("serves every module of the page as JavaScript, and style and icon as what they are", async () => {
    const seen = new Set<string>();
    const waiting = ["/app/web/main.ts"];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, headers, body } = await ask(path);
      expect([path, status, headers["content-type"]]).toEqual([path, 200, "text/javascript; charset=utf-8"]);
      expect(body).not.toMatch(/^import type|^export interface/m);
      for (const [, target = ""] of body.matchAll(/from "(\.[^"]+)"/g))
        waiting.push(new URL(target, `http://host${path}`).pathname);
    }
    expect(seen.size).toBeGreaterThan(10);
    expect((await ask("/app/web/chat.css")).headers["content-type"]).toBe("text/css; charset=utf-8");
    expect((await ask("/app/web/icon.svg")).headers["content-type"]).toBe("image/svg+xml");
  });

  it.each([
    "/favicon.ico",
    "/app/",
    "/app/package.json",
    "/app/web/index.html",
    "/app/core/platforms/web.ts",
    "/app/../package.json",
    "/app/%2e%2e/package.json",
    "/app/web/../../.env",
    "//app/web/main.ts",
  ])("does not know %s", async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  it("answers GET and HEAD only", async () => {
    expect((await ask("/", { method: "POST" })).status).toBe(405);
    const head = await ask("/", { method: "HEAD" });
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(Number(head.headers["content-length"])).toBeGreaterThan(1_000);
  });
});
