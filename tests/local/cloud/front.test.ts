import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { describe, expect, it } from "vitest";
import type { Cloud } from "../../../local/cloud/index.ts";
import { cloudFor, functionSpec, temporaryFolder } from "./support.ts";

const functions = { webhooks: functionSpec("web", { url: true }), hidden: functionSpec("web") };

interface Answer {
  status: number | undefined;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** Node's plain client, because `fetch` would not let a test choose `Host`. */
function send(url: string, options: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(url, { method: options.method ?? "GET", headers: options.headers ?? {} });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on("error", reject);
    request.end(options.body);
  });
}

const eventOf = async (answer: Promise<Answer>): Promise<Record<string, unknown>> =>
  JSON.parse((await answer).body.toString("utf8")) as Record<string, unknown>;

describe("a function URL", () => {
  it("hands over path, query, headers and cookies in payload format 2.0", async () => {
    const { url } = await cloudFor({ functions });
    const headers = { "X-One": "1", "x-many": ["a", "b"], cookie: "s=1; t=2", "content-type": "application/json" };
    const answer = send(`${url}/webhooks/slack?a=1&a=2&b=%20`, { method: "POST", headers, body: `{"ä":1}` });
    expect(await eventOf(answer)).toMatchObject({
      version: "2.0",
      rawPath: "/webhooks/slack",
      rawQueryString: "a=1&a=2&b=%20",
      queryStringParameters: { a: "1,2", b: " " },
      cookies: ["s=1", "t=2"],
      headers: { "x-one": "1", "x-many": "a,b", "content-type": "application/json" },
      requestContext: { http: { method: "POST", path: "/webhooks/slack", sourceIp: "127.0.0.1" } },
      body: `{"ä":1}`,
      isBase64Encoded: false,
    });
  });

  it.each(["application/octet-stream", "application/x-www-form-urlencoded", "image/png"])(
    "hands over a body of type %s as base64",
    async (type) => {
      const { url } = await cloudFor({ functions });
      const body = Buffer.from([0, 255, 97]);
      const event = await eventOf(
        send(`${url}/webhooks/x`, { method: "POST", headers: { "content-type": type }, body }),
      );
      expect(event).toMatchObject({ body: body.toString("base64"), isBase64Encoded: true });
    },
  );

  it("answers with the status, headers and cookies of the result", async () => {
    const { url } = await cloudFor({ functions });
    const answer = await send(`${url}/webhooks/x?answer=redirect`);
    expect(answer.status).toBe(302);
    expect(answer.headers).toMatchObject({ location: "/elsewhere", "set-cookie": ["a=1; Path=/", "b=2"] });
  });

  it("answers bytes that the result holds as base64, and a result without a status as a body", async () => {
    const { url } = await cloudFor({ functions });
    const binary = await send(`${url}/webhooks/x?answer=binary`);
    expect([...binary.body]).toEqual([0, 255, 1]);
    expect(binary.headers["content-type"]).toBe("image/png");
    expect((await send(`${url}/webhooks/x?answer=text`)).body.toString()).toBe("plain");
  });

  it("answers 502 to a function error and tells nothing of it", async () => {
    const { url } = await cloudFor({ functions });
    const answer = await send(`${url}/webhooks/x?answer=throw`);
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).not.toContain("inner secret");
  });

  it("answers 413 to a body over 6 MB before it has all of it", async () => {
    const { url } = await cloudFor({ functions });
    const headers = { "content-length": 7 * 1024 * 1024 };
    const answer = await new Promise<Answer>((resolve, reject) => {
      const request = httpRequest(`${url}/webhooks/x`, { method: "POST", headers });
      request.on("response", ({ statusCode, headers }) => {
        resolve({ status: statusCode, headers, body: Buffer.alloc(0) });
        request.destroy();
      });
      request.on("error", reject);
      request.write("only the beginning");
    });
    expect(answer.status).toBe(413);
  });

  it("answers 413 when base64 makes the event larger than 6 MB", async () => {
    const { url } = await cloudFor({ functions });
    expect((await send(`${url}/webhooks/x`, { method: "POST", body: Buffer.alloc(5 * 1024 * 1024) })).status).toBe(413);
  });

  it("answers 429 when Lambda throttles", async () => {
    const { url } = await cloudFor({ functions }, { maxConcurrent: 0 });
    expect((await send(`${url}/webhooks/x`)).status).toBe(429);
  });

  it("is there for functions that ask for one only", async () => {
    const { url } = await cloudFor({ functions });
    expect((await send(`${url}/hidden/x`)).status).toBe(404);
    expect((await send(`${url}/`)).status).toBe(404);
  });

  it("can be reached under a tunnel's name", async () => {
    const { url } = await cloudFor({ functions });
    expect((await send(`${url}/webhooks/x`, { headers: { host: "name.tunnel.example" } })).status).toBe(200);
  });
});

describe("the page of the front", () => {
  const routes = [
    { path: "/", handle: (_: IncomingMessage, response: { end(text: string): void }) => response.end("page") },
  ];

  it("answers this machine, and a page of its own", async () => {
    const { url } = await cloudFor({ functions }, { routes });
    expect((await send(`${url}/`)).body.toString()).toBe("page");
    expect((await send(`${url}/`, { headers: { origin: url } })).status).toBe(200);
  });

  it.each([
    { host: "evil.example" },
    { host: "evil.example:8787" },
    { origin: "http://evil.example" },
    { origin: "null" },
  ])("refuses %o", async (headers) => {
    const { url } = await cloudFor({ functions }, { routes });
    expect((await send(`${url}/`, { headers })).status).toBe(403);
  });

  it("refuses to start on a port that is taken, and leaves nothing behind", async () => {
    const first = await cloudFor({});
    const port = Number(new URL(first.url).port);
    const dataFolder = temporaryFolder();
    const environment = { ...process.env };
    await expect(cloudFor({}, { port, dataFolder })).rejects.toMatchObject({ code: "cloud.port-in-use" });
    expect({ ...process.env }).toEqual(environment);
    await cloudFor({}, { dataFolder });
  });
});

describe("the AWS ports", () => {
  const services = ["DYNAMODB", "S3", "SFN", "LAMBDA", "SCHEDULER"] as const;
  const authorization = ({ awsEnvironment }: Cloud) =>
    `AWS4-HMAC-SHA256 Credential=${awsEnvironment["AWS_ACCESS_KEY_ID"]}/20260101/us-east-1/s3/aws4_request`;

  it.each(services)("of %s refuse foreign hosts, browsers and other keys", async (service) => {
    const cloud = await cloudFor({});
    const url = cloud.awsEnvironment[`AWS_ENDPOINT_URL_${service}`] ?? "";
    const statusWith = async (headers: OutgoingHttpHeaders) =>
      (await send(url, { headers: { authorization: authorization(cloud), ...headers } })).status;
    expect(await statusWith({ host: "evil.example:80" })).toBe(403);
    expect(await statusWith({ origin: "http://evil.example" })).toBe(403);
    expect(await statusWith({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await statusWith({ authorization: "AWS4-HMAC-SHA256 Credential=AKIAOTHER/x" })).toBe(403);
    expect(await statusWith({})).not.toBe(403);
  });
});
