import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { slackError } from "../../fakes/platform-slack.ts";
import { startFakeServer, type FakeServer } from "../../fakes/platform-server.ts";
import { readFrames, textFrame } from "./websocket-frames.ts";

export interface SlackAcknowledgement {
  envelope_id: string;
  payload?: Record<string, unknown>;
}

export interface FakeSlackSocket extends FakeServer {
  appToken: string;
  /** Value for SLACK_API_URL. */
  apiUrl: string;
  acknowledgements: SlackAcknowledgement[];
  /** How many sockets were opened so far. */
  opened(): number;
  /** Sends to the newest connection. */
  send(message: object): void;
  /** Cuts all connections as a broken network does. */
  drop(): void;
}

export const slackAppToken = "xapp-1-A0001-fake-app-token";

/** Socket Mode as Slack serves it: apps.connections.open gives an address, behind it is a WebSocket. */
export async function startFakeSlackSocket(): Promise<FakeSlackSocket> {
  const acknowledgements: SlackAcknowledgement[] = [];
  const sockets: Duplex[] = [];
  const server = createServer((_request, response) => void response.writeHead(426).end());
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    sockets.push(socket);
    acceptUpgrade(request, socket);
    readFrames(socket, (text) => void acknowledgements.push(JSON.parse(text) as SlackAcknowledgement));
    socket.write(textFrame(JSON.stringify({ type: "hello", num_connections: 1 })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/link/?ticket=1`;
  const api = await startFakeServer({
    operationOf: (_method, path) => path.split("/").at(-1) ?? "",
    answer: ({ headers, operation }) => {
      if (headers["authorization"] !== `Bearer ${slackAppToken}`) return slackError("invalid_auth");
      return operation === "apps.connections.open"
        ? { status: 200, body: { ok: true, url } }
        : slackError("unknown_method");
    },
  });
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    ...api,
    appToken: slackAppToken,
    apiUrl: `${api.url}/api/`,
    acknowledgements,
    opened: () => sockets.length,
    send: (message) => void sockets.at(-1)?.write(textFrame(JSON.stringify(message))),
    drop,
    async close() {
      drop();
      await new Promise((resolve) => server.close(resolve));
      await api.close();
    },
  };
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 */
function acceptUpgrade(request: IncomingMessage, socket: Duplex): void {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  socket.on("error", () => socket.destroy());
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}
