import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pageRefusal } from "./guard.ts";
import { listen, type Handle, type RunningServer } from "./wire.ts";

/** Something that answers on the port for people and platforms. */
export interface Route {
  /** A path, or everything below a path that ends with `/`. */
  path: string;
  handle: Handle;
  /**
   * May be asked under any host name and from any website: for handlers that check a signature themselves. Without it
   * only a page of this server, opened on this machine, reaches the handler.
   */
  isPublic?: boolean;
}

/** Starts the one port that people and platforms reach, on the loopback address. The longest matching path wins. */
export function startFront(routes: Route[], port: number): Promise<RunningServer> {
  const ordered = [...routes].sort((a, b) => b.path.length - a.path.length);
  const server = createServer((request, response) => {
    void answer(ordered, request, response).catch(() => sendText(response, 500, "Internal Server Error"));
  });
  return listen(server, port);
}

async function answer(routes: Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const route = routes.find((one) => one.path === path || (one.path.length > 1 && isBelow(path, one.path)));
  if (route === undefined) return sendText(response, 404, "Not Found");
  const refusal = route.isPublic ? undefined : pageRefusal(request);
  if (refusal !== undefined) return sendText(response, 403, refusal);
  await route.handle(request, response);
}

const isBelow = (path: string, folder: string): boolean => folder.endsWith("/") && path.startsWith(folder);

function sendText(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
