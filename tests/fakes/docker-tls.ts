/** A way to a Docker engine as `dockerd --tlsverify` has it: TLS, and only for clients with a certificate of its CA. */
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Why no certificates can be made here; undefined when they can. */
export function opensslMissing(): string | undefined {
  return spawnSync("openssl", ["version"]).error === undefined ? undefined : "openssl is not installed here";
}

interface Pair {
  cert: string;
  key: string;
}

export interface CertificateAuthority {
  cert: string;
  /** The folder has ca.pem, cert.pem and key.pem of the last pair. */
  folder: string;
  /** A certificate for an address (of a server) or for nobody in particular (of a client). */
  issue(subjectAltName?: string): Promise<Pair>;
  remove(): Promise<void>;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export async function makeAuthority(): Promise<CertificateAuthority> {
  const folder = await mkdtemp(join(tmpdir(), "talaria-ca-"));
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const read = (name: string) => readFile(join(folder, name), "utf8");
  await openssl("req", "-x509", ...newKey, "-days", "2", "-subj", "/CN=ca", "-keyout", "ca-key.pem", "-out", "ca.pem");
  return {
    cert: await read("ca.pem"),
    folder,
    async issue(subjectAltName) {
      await openssl("req", ...newKey, "-subj", "/CN=pair", "-keyout", "key.pem", "-out", "request.pem");
      await writeFile(join(folder, "names"), subjectAltName === undefined ? "" : `subjectAltName=${subjectAltName}`);
      const signed = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-extfile", "names", "-days", "1"];
      await openssl("x509", "-req", "-in", "request.pem", ...signed, "-out", "cert.pem");
      return { cert: await read("cert.pem"), key: await read("key.pem") };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface TlsFront {
  port: number;
  close(): Promise<void>;
}

/** Hands everything on to the socket of an engine. */
export async function startTlsFront(socketPath: string, { ca, ...pair }: Pair & { ca: string }): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  // The end of a command's input is not the end of its output.
  const allowHalfOpen = true;
  const options = { ca, ...pair, requestCert: true, rejectUnauthorized: true, allowHalfOpen };
  const server = createServer(options, (socket) => {
    const engine = connect({ path: socketPath, allowHalfOpen });
    socket.pipe(engine).pipe(socket);
    socket.on("error", () => engine.destroy()).on("close", () => engine.destroy());
    engine.on("error", () => socket.destroy()).on("close", () => socket.destroy());
  });
  // Also those that never came as far as TLS.
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
