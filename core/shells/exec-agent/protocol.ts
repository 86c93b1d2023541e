/**
 * How the exec agent (shell-agent/) is spoken to, over HTTP with a bearer token. Every exchange is short and may be
 * repeated: a script has an id from its caller, starts once, and is asked for until it has ended. So a connection that
 * breaks, a proxy's time limit or a relay in between loses nothing and runs nothing twice.
 *
 * | request | does | answers |
 * |---|---|---|
 * | `POST /hello` | hands over where to save; the first one restores | 200 `Hello`; 202 while it restores; 502 when that failed |
 * | `PUT /scripts/<id>?part=&parts=&waitMs=` | a part of a framed script; with the last one it starts, once | as GET |
 * | `GET /scripts/<id>?waitMs=&from=` | waits for its end | 200 framed result, 202 still running, 404 unknown |
 * | `DELETE /scripts/<id>` | ends it, or forbids it to start | 200 framed result |
 * | `POST /save?waitMs=` | saves the workspace; with `close` no script starts any more | 200 `Hello`, 202, 409 a script runs, 502 |
 *
 * A request without the token is answered 401, a script for a closed or unready agent 423, one too large 413.
 */

/** A part of a request and a page of a result: as base64 within what Lambda carries (6 MB a direction, Lambda quotas). */
export const maxPartBytes = 4_000_000;
/** A script with its input; an agent holds it in memory. */
export const maxScriptBytes = 64_000_000;
/** How long an exchange waits for something to happen before it says that nothing has. */
export const pollMs = 20_000;
/** A script that nobody asks for any longer is ended: three polls were missed. */
export const abandonedMs = 60_000;
/** Where the agent listens. */
export const agentPort = 8080;
/** On every answer of an agent: one without it came from something on the way. */
export const agentHeader = "x-talaria-agent";
/** Asked by AWS when an image is built: the snapshot is taken once it answers (Lambda MicroVMs guide, "Lifecycle hooks"). */
export const readyHookPath = "/aws/lambda-microvms/runtime/v1/ready";

export interface SaveTarget {
  /** A presigned PUT. */
  url: string;
  /** Until when it is good, in milliseconds since 1970. */
  until: number;
}

export interface HelloRequest {
  /** Presigned GETs, the best one first; the first that is there is restored. Looked at by the first hello only. */
  restore: string[];
  saveTo: SaveTarget;
}

export interface SaveRequest {
  saveTo: SaveTarget;
  /** No script starts after this save: the machine is about to go. */
  close: boolean;
}

/** What an agent says about itself. */
export interface Hello {
  state: "ready" | "closed";
  /** Which of `restore` it began with, and when that was saved; absent when it began empty. */
  restored?: { from: number; savedAt: string };
  /** Scripts that it has started so far. */
  scripts: number;
  /** Its last save, in milliseconds since 1970. */
  savedAt?: number;
}

/** What a script is to be run with; its text and its input follow as bytes. */
export interface ScriptHeader {
  timeoutMs: number;
  outlives: boolean;
  scriptBytes: number;
}

/** How a script ended; a page of its output follows as bytes. */
export interface ResultHeader {
  exitCode: number;
  timedOut: boolean;
  interrupted: boolean;
  droppedBytes: number;
  outputBytes: number;
}

/** A line of JSON, then bytes as they are. */
export const frame = (header: object, ...bodies: (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...bodies.map((body) => Buffer.from(body))]);

/** @throws when there is no line of JSON at the beginning */
export function unframe(bytes: Uint8Array): { header: unknown; body: Buffer } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf(0x0a);
  return { header: JSON.parse(buffer.toString("utf8", 0, Math.max(0, end))), body: buffer.subarray(end + 1) };
}
