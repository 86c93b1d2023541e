import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { messageOf } from "../core/base/errors.ts";
import {
  agentHeader,
  frame,
  maxPartBytes,
  readyHookPath,
  type Hello,
  type HelloRequest,
  type ResultHeader,
  type SaveRequest,
} from "../core/shells/exec-agent/protocol.ts";
import type { Keeper } from "./keeper.ts";
import type { Ended, Scripts } from "./scripts.ts";
import { within } from "./within.ts";

interface Parts {
  scripts: Scripts;
  keeper: Keeper;
  /** SHA-256 of the token, in hex; absent: the first caller's token is the one from then on. */
  tokenHash: string | undefined;
}

interface Answer {
  status: number;
  body?: Uint8Array | object;
}

type Handler = (request: IncomingMessage, url: URL, id: string) => Promise<Answer> | Answer;

/** A caller who was told to ask again does so by then. */
const savedForMs = 5_000;

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
const waitOf = (url: URL): number => Math.min(60_000, Number(url.searchParams.get("waitMs") ?? 0));

/** The agent's whole life as its callers see it. */
export class AgentServer {
  readonly #scripts: Scripts;
  readonly #keeper: Keeper;
  #tokenHash: Buffer | undefined;
  #restoring: Promise<Hello["restored"]> | undefined;
  #restored: Hello["restored"];
  #isRestored = false;
  #saving: Promise<void> | undefined;
  #state: "waiting" | Hello["state"] = "waiting";
  /** When somebody with the token was last here. */
  lastHeard = Date.now();

  constructor({ scripts, keeper, tokenHash }: Parts) {
    this.#scripts = scripts;
    this.#keeper = keeper;
    this.#tokenHash = tokenHash === undefined ? undefined : Buffer.from(tokenHash, "hex");
  }

  listen(port: number, host: string): Promise<Server> {
    const server = createServer((request, response) => void this.#serve(request, response));
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => resolve(server));
    });
  }

  /** Ends what runs and saves a last time; scripts are refused from now on. */
  async shutDown(): Promise<void> {
    const mayHaveChanged = this.#state !== "waiting";
    this.#state = "closed";
    await this.#scripts.close();
    if (mayHaveChanged) await this.#keeper.saveLast();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body = {} } = await this.#answer(request).catch((error: unknown): Answer => ({
      status: 500,
      body: { error: messageOf(error) },
    }));
    response.writeHead(status, { "content-type": "application/octet-stream", [agentHeader]: "1" });
    response.end(body instanceof Uint8Array ? body : JSON.stringify(body));
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const url = new URL(request.url ?? "/", "http://agent");
    if (url.pathname === readyHookPath || url.pathname === "/health") return { status: 200 };
    if (!this.#isAllowed(request.headers.authorization, url.pathname)) return { status: 401 };
    this.lastHeard = Date.now();
    const [, place = "", id = ""] = /^\/(\w+)(?:\/([\w-]{1,64}))?$/.exec(url.pathname) ?? [];
    const handler = this.#handlers[`${request.method} ${place}`];
    return (await handler?.(request, url, id)) ?? { status: 404 };
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    "POST hello": (request, url) => this.#hello(request, waitOf(url)),
    "POST save": (request, url) => this.#save(request, waitOf(url)),
    "PUT scripts": (request, url, id) => this.#receive(request, url, id),
    "GET scripts": (_, url, id) => (this.#scripts.has(id) ? this.#ended(id, url) : { status: 404 }),
    "DELETE scripts": async (_, url, id) => answerOf(await this.#scripts.stop(id), url),
  };

  #isAllowed(header: string | undefined, path: string): boolean {
    const given = sha256(header?.replace(/^Bearer /, "") ?? "");
    if (!this.#tokenHash && header?.startsWith("Bearer ") && path === "/hello") this.#tokenHash = given;
    return this.#tokenHash !== undefined && timingSafeEqual(given, this.#tokenHash);
  }

  async #hello(request: IncomingMessage, waitMs: number): Promise<Answer> {
    const { restore, saveTo } = (await json(request)) as HelloRequest;
    this.#keeper.saveTo(saveTo);
    if (this.#state === "waiting") {
      this.#restoring ??= this.#keeper.restore(restore);
      try {
        const restored = await within(waitMs, this.#restoring);
        if (restored === "later") return { status: 202 };
        this.#restored = restored.value;
        this.#isRestored = true;
        if (this.#state === "waiting") this.#state = "ready";
      } catch (error) {
        this.#restoring = undefined;
        return { status: 502, body: { error: `The files could not be restored: ${messageOf(error)}` } };
      }
    }
    return this.#isRestored ? { status: 200, body: this.#self() } : { status: 423 };
  }

  async #save(request: IncomingMessage, waitMs: number): Promise<Answer> {
    const { saveTo, close } = (await json(request)) as SaveRequest;
    // What was not restored would be replaced by an empty home.
    if (!this.#isRestored) return { status: 423 };
    if (this.#scripts.isRunning) return { status: 409 };
    this.#keeper.saveTo(saveTo);
    if (close) this.#state = "closed";
    try {
      if ((await within(waitMs, this.#saveOnce())) === "later") return { status: 202 };
      return { status: 200, body: this.#self() };
    } catch (error) {
      // Nothing of it is safe, so the machine must not go: work may go on.
      this.#state = "ready";
      return { status: 502, body: { error: `The files could not be saved: ${messageOf(error)}` } };
    }
  }

  /** For all who ask while it goes on, and for whoever asks again shortly after. */
  #saveOnce(): Promise<void> {
    if (this.#saving) return this.#saving;
    const saving = this.#keeper.saveLast();
    this.#saving = saving;
    const forget = () => void (this.#saving = undefined);
    saving.then(() => setTimeout(forget, savedForMs).unref()).catch(forget);
    return saving;
  }

  async #receive(request: IncomingMessage, url: URL, id: string): Promise<Answer> {
    if (Number(request.headers["content-length"] ?? 0) > maxPartBytes) return { status: 413 };
    const part = await buffer(request);
    // A script that is known has been let in before: whoever repeats its last part only asks for it.
    if (this.#state !== "ready" && !this.#scripts.has(id)) return { status: 423 };
    const [index = 0, count = 1] = ["part", "parts"].map((name) => Number(url.searchParams.get(name) ?? 0));
    this.#scripts.receive(id, part, { index, count });
    return this.#scripts.has(id) ? this.#ended(id, url) : { status: 413 };
  }

  async #ended(id: string, url: URL): Promise<Answer> {
    const ended = await this.#scripts.ended(id, waitOf(url));
    return ended ? answerOf(ended, url) : { status: 202 };
  }

  #self(): Hello {
    const { savedAt } = this.#keeper;
    return {
      state: this.#state === "ready" ? "ready" : "closed",
      ...(this.#restored && { restored: this.#restored }),
      scripts: this.#scripts.started,
      ...(savedAt !== undefined && { savedAt }),
    };
  }
}

const json = async (request: IncomingMessage): Promise<unknown> => JSON.parse((await buffer(request)).toString("utf8"));

function answerOf(ended: Ended, url: URL): Answer {
  if ("failure" in ended) return { status: 500, body: { error: ended.failure } };
  const { output, ...rest } = ended.result;
  const bytes = Buffer.from(output);
  const from = Number(url.searchParams.get("from") ?? 0);
  const header: ResultHeader = { ...rest, outputBytes: bytes.length };
  return { status: 200, body: frame(header, bytes.subarray(from, from + maxPartBytes)) };
}
