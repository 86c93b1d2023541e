/** Requests as AWS would check them: the signature is computed again here, from the words of its documentation. */
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { openSigner } from "../../functions/compose/signer.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a+secret/key", sessionToken: "a/token+with=signs" };
const region = "eu-central-1";

interface Arrived {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: Buffer;
}

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (secret: string | Buffer, data: string) => createHmac("sha256", secret).update(data).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * AWS General Reference, "Create a signed AWS API request"; of S3 the path is not encoded a second time (Amazon S3 API
 * reference, "Authenticating requests: using query parameters").
 */
function signatureOf(
  { method, url, headers }: Omit<Arrived, "body">,
  {
    secret,
    scope,
    date,
    signed,
    payload,
  }: { secret: string; scope: string; date: string; signed: string; payload: string },
): string {
  const [day = "", area = "", service = "", end = ""] = scope.split("/");
  const path = service === "s3" ? url.pathname : url.pathname.split("/").map(encode).join("/");
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join("&");
  const named = signed.split(";").map((name) => `${name}:${headers[name]?.trim()}\n`);
  const canonical = [method, path, query, named.join(""), signed, payload].join("\n");
  const key = [area, service, end].reduce((from, part) => hmac(from, part), hmac(`AWS4${secret}`, day));
  return hmac(key, ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n")).toString("hex");
}

/** A server that keeps what arrives; the first answers have these statuses. */
async function setUp(...statuses: number[]) {
  const arrived: Arrived[] = [];
  let broken = 0;
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const url = new URL(request.url ?? "", `http://${request.headers.host}`);
      arrived.push({ method: request.method ?? "", url, headers: flat(request.headers), body });
      if (broken-- > 0) return void request.socket.destroy();
      response.writeHead(statuses.shift() ?? 200).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const breakNext = (count: number) => void (broken = count);
  return { arrived, breakNext, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const flat = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** The signature in the header, and what it should be. */
function bothSignatures(request: Arrived) {
  const form = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=(\w+)$/;
  const [, id, scope = "", signed = "", signature] = form.exec(request.headers["authorization"] ?? "") ?? [];
  expect(id).toBe(credentials.accessKeyId);
  const payload = request.headers["x-amz-content-sha256"] ?? sha256(request.body);
  const date = request.headers["x-amz-date"] ?? "";
  return {
    signature,
    signed,
    expected: signatureOf(request, { secret: credentials.secretAccessKey, scope, date, signed, payload }),
  };
}

it("the check itself agrees with the example of the documentation", () => {
  const url = new URL("https://examplebucket.s3.amazonaws.com/test.txt");
  for (const [name, value] of [
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"],
    ["X-Amz-Date", "20130524T000000Z"],
    ["X-Amz-Expires", "86400"],
    ["X-Amz-SignedHeaders", "host"],
  ] as const)
    url.searchParams.set(name, value);
  const about = {
    secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    scope: "20130524/us-east-1/s3/aws4_request",
    date: "20130524T000000Z",
    signed: "host",
    payload: "UNSIGNED-PAYLOAD",
  };
  expect(signatureOf({ method: "GET", url, headers: { host: url.host } }, about)).toBe(
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
});

describe("a signed request", () => {
  it.each([
    { service: "dynamodb", path: "/", method: "POST", body: JSON.stringify({ word: "größer" }) },
    { service: "lambda", path: "/2015-03-31/functions/a%3Ab%24LATEST/invocations", method: "POST", body: "{}" },
    { service: "s3", path: "/bucket/skills/main/a%20b%2Bc/SKILL.md", method: "PUT", body: Buffer.from([0, 1, 255]) },
    { service: "s3", path: "/bucket/caf%C3%A9(1)!", method: "GET" },
    { service: "s3", path: "/bucket/gone", method: "DELETE" },
  ] as const)(
    "to $service arrives whole and is one that AWS takes: $method $path",
    async ({ service, path, ...request }) => {
      const { arrived, url } = await setUp();
      const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "Some.Operation" };
      await openSigner({ credentials, region, service }).send(url + path, { ...request, headers });
      const [got] = arrived;
      expect(got).toMatchObject({
        method: request.method,
        headers: { ...headers, "x-amz-security-token": credentials.sessionToken },
      });
      expect(got?.body).toEqual("body" in request ? Buffer.from(request.body) : Buffer.alloc(0));
      const { signature, signed, expected } = bothSignatures(got!);
      expect(signature).toBe(expected);
      expect(signed.split(";")).toEqual(
        expect.arrayContaining(["host", "x-amz-date", "x-amz-security-token", "x-amz-target"]),
      );
    },
  );

  it("is sent again, signed anew, while the service is busy, and not more often than wished", async () => {
    const { arrived, url } = await setUp(503, 429, 500, 503);
    const signer = openSigner({ credentials, region, service: "dynamodb" });
    expect((await signer.send(url, { method: "POST", body: "{}" }, 2)).status).toBe(500);
    expect(arrived).toHaveLength(3);
    for (const request of arrived) {
      const { signature, expected } = bothSignatures(request);
      expect(signature).toBe(expected);
    }
  });

  it("is sent once more when its connection breaks, and not when nobody waits any more", async () => {
    const { arrived, url, breakNext } = await setUp();
    const signer = openSigner({ credentials, region, service: "lambda" });
    const request = { method: "POST", body: "{}" } as const;
    breakNext(1);
    expect((await signer.send(url, request)).status).toBe(200);
    expect(arrived).toHaveLength(2);
    breakNext(2);
    await expect(signer.send(url, request)).rejects.toThrow(/hang up|ECONNRESET/);
    await expect(signer.send(url, { ...request, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(arrived).toHaveLength(4);
  });

  it("is sent once when the service refuses it", async () => {
    const { arrived, url } = await setUp(400);
    const signer = openSigner({ credentials, region, service: "dynamodb" });
    expect((await signer.send(url, { method: "POST", body: "{}" }, 2)).status).toBe(400);
    expect(arrived).toHaveLength(1);
  });
});

it.each(["GET", "PUT"] as const)("an address for a while is one that S3 takes: %s", async (method) => {
  const { arrived, url } = await setUp();
  const signer = openSigner({ credentials, region, service: "s3" });
  const address = await signer.presign(`${url}/bucket/archives/a%20b/home.tar.zst`, method, 900);
  await fetch(address, { method, ...(method === "PUT" && { body: "content" }) });
  const [got] = arrived;
  const asked = (name: string) => got?.url.searchParams.get(`X-Amz-${name}`) ?? "";
  expect(asked("Expires")).toBe("900");
  expect(asked("Security-Token")).toBe(credentials.sessionToken);
  expect(address).not.toContain(credentials.secretAccessKey);
  const [id, ...scope] = asked("Credential").split("/");
  expect(id).toBe(credentials.accessKeyId);
  expect(asked("Signature")).toBe(
    signatureOf(got!, {
      secret: credentials.secretAccessKey,
      scope: scope.join("/"),
      date: asked("Date"),
      signed: asked("SignedHeaders"),
      payload: "UNSIGNED-PAYLOAD",
    }),
  );
  // Whoever has the address needs no header of ours.
  expect(asked("SignedHeaders")).toBe("host");
});
