import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import * as z from "zod";
import { parseJson } from "../../core/base/json.ts";
import { reply } from "./practice-model.ts";
import { requestSchema, toCompletion, toEvents, toPrompt, usage } from "./wire.ts";

export interface PracticeModel {
  /** For OPENAI_BASE_URL. */
  url: string;
  close(): Promise<void>;
}

/** Serves the practice model on loopback, behind the protocol of OpenAI chat completions. Port 0 (default) takes a free one. */
export async function startPracticeModel(options: { port?: number } = {}): Promise<PracticeModel> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split("?")[0];
  if (request.method === "GET" && path === "/v1/models")
    return sendJson(response, 200, { object: "list", data: [{ id: "practice", object: "model" }] });
  if (request.method !== "POST" || path !== "/v1/chat/completions")
    return sendError(response, 404, `no such path: ${request.method} ${path}`);
  const body = await readText(request);
  const parsed = requestSchema.safeParse(parseJson(body));
  if (!parsed.success) return sendError(response, 400, z.prettifyError(parsed.error));
  const answer = reply(toPrompt(parsed.data));
  const used = usage(body, answer);
  if (!parsed.data.stream) return sendJson(response, 200, toCompletion(parsed.data, answer, used));
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  for (const event of toEvents(parsed.data, answer, used)) response.write(event);
  response.end();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

const sendError = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, { error: { message, type: "invalid_request_error", param: null, code: null } });
