/** The only way out of sandboxes whose network is a list: an HTTP proxy on a socket in a folder that they see. */
import { randomUUID } from "node:crypto";
import { chmod, type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, isIP, type LookupFunction, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { describeEgress } from "../egress.ts";
import { egressRule, type ListedEgress, type Resolve, type Verdict } from "./egress-rule.ts";

export interface EgressProxy {
  close(): Promise<void>;
}

/** How a request is answered that goes nowhere. */
type Denial = Exclude<Verdict, { addresses: string[] }> | { status: 400; reason: string };

interface Target {
  host: string;
  port: number;
}

interface Gate {
  egress: ListedEgress;
  rule: ReturnType<typeof egressRule>;
}

/** Of all workspaces together; what comes above it is closed at once. */
const maxConnections = 512;
/** A connection on which nothing moves for so long is given up. */
const idleMs = 15 * 60_000;

/**
 * Listens on a socket of its own in the folder. Several may be there, of other functions and of an earlier process: a
 * sandbox takes one that answers, so that what goes on after a restart finds the new one.
 */
export async function openEgressProxy(egress: ListedEgress, folder: string, resolve?: Resolve): Promise<EgressProxy> {
  const gate = { egress, rule: egressRule(egress, resolve) };
  // Nothing that a sandbox or a host sends may be more than the end of its own connection.
  const server = createServer((incoming, response) => {
    forward(incoming, response, gate).catch(() => response.destroy());
  });
  server.on("connect", (incoming: IncomingMessage, inner: Socket, head: Buffer) => {
    tunnel(incoming.url ?? "", { inner, head }, gate).catch(() => inner.destroy());
  });
  server.maxConnections = maxConnections;
  // A long upload is no slow request: by default it would have five minutes.
  server.requestTimeout = 0;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await mkdir(folder, { recursive: true });
  // Every workspace has a user of its own, who reads it from inside.
  await chmod(folder, 0o755);
  const handle = await open(folder);
  await removeDead(folder, handle);
  await listen(server, pathIn(handle, `${randomUUID()}.sock`));
  return {
    async close() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
      await handle.close();
    },
  };
}

/** A socket's path may have 107 bytes; by way of the folder's descriptor it is short wherever the folder is. */
const pathIn = (folder: FileHandle, name: string) => `/proc/self/fd/${folder.fd}/${name}`;

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Nobody waits for the proxy alone.
    server.listen({ path, readableAll: true, writableAll: true }, resolve).unref();
  });
}

/** Sockets that a process left behind when it was killed. */
async function removeDead(folder: string, handle: FileHandle): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!(await answers(pathIn(handle, name)))) await rm(join(folder, name), { force: true });
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once("error", () => resolve(false)).once("connect", () => socket.destroy());
  });
}

/** HTTPS and whatever else the program speaks: bytes to and fro, once it is known where to. */
async function tunnel(to: string, { inner, head }: { inner: Socket; head: Buffer }, gate: Gate): Promise<void> {
  inner.on("error", () => inner.destroy());
  const target = targetOf(URL.parse(`http://${to}`));
  const verdict = target ? await gate.rule(target.host, target.port) : notAnAddress;
  if (!target || !("addresses" in verdict)) return void inner.end(denialText(to, asDenial(verdict), gate));
  if (inner.destroyed) return;
  const outer = connect({ ...target, lookup: only(verdict.addresses), allowHalfOpen: true });
  for (const socket of [inner, outer]) socket.setTimeout(idleMs, () => socket.destroy());
  let isOpen = false;
  outer.once("connect", () => {
    isOpen = true;
    inner.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    outer.write(head);
    inner.pipe(outer).pipe(inner);
  });
  outer.once("error", ({ message }) => {
    if (!isOpen) inner.end(denialText(to, { status: 502, reason: message }, gate));
  });
  // What it has still to be told, it is told.
  outer.once("close", () => inner.destroySoon());
  inner.once("close", () => outer.destroy());
}

/** A plain HTTP request, whose host is the one that was asked for, whatever its header says. */
async function forward(incoming: IncomingMessage, response: ServerResponse, gate: Gate): Promise<void> {
  const url = URL.parse(incoming.url ?? "");
  const target = url?.protocol === "http:" ? targetOf(url) : undefined;
  const verdict = target ? await gate.rule(target.host, target.port) : notAnAddress;
  const deny = (denial: Denial) => {
    if (response.headersSent) return void response.destroy();
    response.writeHead(denial.status, inOneLine(denial.reason), { "content-type": "text/plain" });
    response.end(bodyOf(incoming.url ?? "", denial, gate));
  };
  if (!url || !target || !("addresses" in verdict)) return deny(asDenial(verdict));
  if (response.destroyed) return;
  const outgoing = request({
    ...target,
    lookup: only(verdict.addresses),
    agent: false,
    method: incoming.method,
    path: url.pathname + url.search,
    headers: { ...endToEnd(incoming.headers), host: url.host },
    timeout: idleMs,
  });
  outgoing.once("timeout", () => outgoing.destroy());
  outgoing.once("response", (answer) => {
    // How its end is marked depends on who is told: an HTTP/1.0 client knows no chunks.
    const { "transfer-encoding": _, ...headers } = endToEnd(answer.headers);
    response.writeHead(answer.statusCode ?? 502, inOneLine(answer.statusMessage ?? ""), headers);
    pipeline(answer, response, () => {});
  });
  outgoing.once("error", ({ message }) => deny({ status: 502, reason: message }));
  response.once("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}

const notAnAddress: Denial = { status: 400, reason: "only http:// addresses and tunnels (CONNECT) are taken" };
const asDenial = (verdict: Verdict | Denial): Denial => ("addresses" in verdict ? notAnAddress : verdict);

/** As URLs have it, a host is written in one way, also an address that somebody wrote as one number. */
function targetOf(url: URL | null): Target | undefined {
  if (!url?.hostname) return undefined;
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 80) };
}

/** A look-up that knows these addresses only. */
const only =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    if (all) done(null, found);
    else done(null, found[0]?.address ?? "", found[0]?.family);
  };

/** Of one connection only (RFC 9110, Connection), or meant for a proxy. */
const hopByHop = /^(connection|keep-alive|upgrade|te|trailer|proxy-.*)$/;

const endToEnd = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.test(name)));

/** Most programs show the first line of it, or the body, or both. */
const denialText = (to: string, denial: Denial, gate: Gate) =>
  `HTTP/1.1 ${denial.status} ${inOneLine(denial.reason)}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${bodyOf(to, denial, gate)}`;

const inOneLine = (reason: string) => reason.replaceAll(/[^ -~]/g, "?");

const bodyOf = (to: string, { status, reason }: Denial, { egress }: Gate) =>
  status === 403
    ? `Talaria: ${to} may not be reached from this shell: ${reason}.\n${describeEgress(egress)}\n` +
      "Whoever runs Talaria can add a name or an IP range to TALARIA_SHELL_NETWORK.\n"
    : `Talaria: ${to} could not be reached: ${reason}.\n`;
