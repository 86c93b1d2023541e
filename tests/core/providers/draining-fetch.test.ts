import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { openai } from "../../../core/providers/openai.ts";
import type { ModelEvent, ModelRequest } from "../../../core/providers/provider.ts";

const request: ModelRequest = {
  model: "m",
  system: "s",
  messages: [{ role: "user", text: "hi" }],
  tools: [],
  toolChoice: "auto",
  cacheKey: "k",
};

const chunk = JSON.stringify({
  id: "c",
  object: "chat.completion.chunk",
  created: 0,
  model: "m",
  choices: [{ index: 0, delta: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
});

it("keeps its connection from call to call, although the SDK stops reading before the end", async () => {
  let connections = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${chunk}\n\ndata: [DONE]\n\n`);
    // The end of the body comes after what the SDK reads, as from a real server.
    setImmediate(() => response.end());
  });
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const model = await openai.connect({ OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` });
  for (let call = 0; call < 4; call += 1) {
    let last: ModelEvent | undefined;
    for await (const event of model.complete(request, new AbortController().signal)) last = event;
    expect(last).toMatchObject({ type: "completed", message: { text: "Hello." } });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
  expect(connections).toBe(1);
});
