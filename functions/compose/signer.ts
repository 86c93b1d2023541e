import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { HttpRequest } from "@smithy/core/protocols";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { SignatureV4 } from "@smithy/signature-v4";
import { systemClock } from "../../core/base/clock.ts";
import type { Settings } from "../../core/base/settings.ts";

/** Where the function runs. */
export const regionOf = (settings: Settings): string => settings["AWS_REGION"] ?? "us-east-1";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface SignerOptions {
  credentials: Credentials;
  region: string;
  /** The name that requests are signed with. */
  service: string;
}

export interface SignedRequest {
  method: "GET" | "PUT" | "POST" | "DELETE";
  headers?: Record<string, string>;
  body?: string | Buffer<ArrayBuffer>;
  signal?: AbortSignal;
}

export interface SignedAnswer {
  status: number;
  /** A status of 200 to 299. */
  ok: boolean;
  body: Buffer;
}

/** Requests to one AWS service, without the SDK (docs/adr/0006-a-lean-signer-for-the-ingress.md). */
export interface Signer {
  /**
   * Signs and sends: once more when the connection breaks, and up to `retries` times after a failure of the service's own.
   * So every request may arrive twice.
   */
  send(url: string, request: SignedRequest, retries?: number): Promise<SignedAnswer>;
  /** An address that needs no credentials for so many seconds. */
  presign(url: string, method: "GET" | "PUT", seconds: number): Promise<string>;
}

/** Signs with the function's own credentials. */
export const awsSigner = (settings: Settings, service: string): Signer =>
  openSigner({ credentials: credentialsOf(settings), region: regionOf(settings), service });

function credentialsOf(settings: Settings): Credentials {
  const sessionToken = settings["AWS_SESSION_TOKEN"];
  return {
    accessKeyId: settings["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: settings["AWS_SECRET_ACCESS_KEY"] ?? "",
    ...(sessionToken && { sessionToken }),
  };
}

/** How often a busy service is asked again; after that the platform delivers again, or the state machine tries again. */
export const busyRetries = 2;
const firstWaitMs = 50;
/** What the SDK's clients send with, too: connections are kept open, and who waits for one comes in turn. */
const http = new NodeHttpHandler({ connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true });
const contentHash = "x-amz-content-sha256";
/** S3 takes a body that is not signed, over TLS or within this machine; nobody else has such a word for it. */
const unsigned = { [contentHash]: "UNSIGNED-PAYLOAD" };

export function openSigner({ credentials, region, service }: SignerOptions): Signer {
  const isS3 = service === "s3";
  const hashing = { sha256: Sha256, applyChecksum: false, uriEscapePath: !isS3 };
  const signer = new SignatureV4({ credentials, region, service, ...hashing });

  async function sendOnce(url: string, { method, headers, body, signal }: SignedRequest): Promise<SignedAnswer> {
    const given = requestTo(url, method);
    const all = { ...given.headers, ...headers, ...(isS3 && unsigned) };
    const signed = await signer.sign({ ...given, headers: all, body });
    const { response } = await http.handle(new HttpRequest(signed), signal ? { abortSignal: signal } : {});
    const { statusCode: status } = response;
    return { status, ok: status >= 200 && status < 300, body: await buffer(response.body as Readable) };
  }

  /** Kept open between invocations, a connection may have been closed at the other end. */
  async function sendAgainWhenBroken(url: string, request: SignedRequest): Promise<SignedAnswer> {
    try {
      return await sendOnce(url, request);
    } catch (error) {
      if (request.signal?.aborted) throw error;
      return sendOnce(url, request);
    }
  }

  return {
    async send(url, request, retries = 0) {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await sendAgainWhenBroken(url, request);
        if (attempt === retries || (answer.status < 500 && answer.status !== 429)) return answer;
        await systemClock.sleep(Math.random() * firstWaitMs * 2 ** attempt);
      }
    },
    async presign(url, method, seconds) {
      const request = requestTo(url, method);
      const headers = { ...request.headers, ...(isS3 && unsigned) };
      const { query } = await signer.presign({ ...request, headers }, { expiresIn: seconds });
      return `${url}?${new URLSearchParams(query as Record<string, string>).toString()}`;
    },
  };
}

function requestTo(url: string, method: string) {
  const { protocol, hostname, host, port, pathname } = new URL(url);
  const headers: Record<string, string> = { host };
  return { method, protocol, hostname, ...(port && { port: Number(port) }), path: pathname, query: {}, headers };
}

/** What the signer hashes with, without the detour over a thread that the Web's own takes. */
class Sha256 {
  readonly #start: () => Hash | Hmac;
  #hash: Hash | Hmac;

  constructor(secret?: Secret) {
    this.#start = () => (secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret)));
    this.#hash = this.#start();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#start();
  }
}

type Secret = string | ArrayBuffer | ArrayBufferView;
function bytesOf(secret: Secret): string | Uint8Array {
  if (typeof secret === "string") return secret;
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}
