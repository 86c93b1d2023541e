/** Presigned URLs as S3 gives them, on loopback: whoever has one may use it until it expires; nothing else opens a key. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Archives } from "../../core/shells/shell.ts";

export interface ArchiveStore {
  archives: Archives;
  objects: Map<string, Buffer>;
  /** From now on every request is answered with this status, or as usual. */
  failWith(status: number | undefined): void;
  close(): Promise<void>;
}

const refusal = (code: string, message: string) => `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

export async function startArchiveStore(): Promise<ArchiveStore> {
  const objects = new Map<string, Buffer>();
  const grants = new Map<string, { method: string; key: string; until: number }>();
  let failing: number | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const body = await buffer(request);
    const grant = grants.get(new URL(request.url ?? "/", "http://s3").searchParams.get("X-Amz-Signature") ?? "");
    const end = (status: number, text: string | Buffer = "") => response.writeHead(status).end(text);
    if (failing !== undefined) return end(failing, refusal("InternalError", "not today"));
    if (!grant || grant.method !== request.method) return end(403, refusal("SignatureDoesNotMatch", "no"));
    if (grant.until < Date.now()) return end(403, refusal("AccessDenied", "Request has expired"));
    if (request.method === "PUT") {
      // S3 refuses an upload of unknown length.
      if (request.headers["content-length"] === undefined) return end(411, refusal("MissingContentLength", "no"));
      objects.set(grant.key, body);
      return end(200);
    }
    const found = objects.get(grant.key);
    // As for a caller who may not list the bucket.
    if (!found) return end(403, refusal("AccessDenied", "Access Denied"));
    response.setHeader("last-modified", "Sun, 22 Nov 2026 10:00:00 GMT");
    return end(200, found);
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const grant = (method: string) => async (key: string, seconds: number) => {
    const signature = randomUUID();
    grants.set(signature, { method, key, until: Date.now() + seconds * 1000 });
    return `http://127.0.0.1:${port}/${key}?X-Amz-Signature=${signature}`;
  };
  return {
    archives: { readUrl: grant("GET"), writeUrl: grant("PUT") },
    objects,
    failWith: (status) => void (failing = status),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
