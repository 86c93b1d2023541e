/** A real OpenSSH server on loopback, as the user who runs the tests, behind a relay whose connections can be cut. */
import { execFile, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const program = "/usr/sbin/sshd";

/** Why there can be no server here; undefined when there can. */
export function sshdMissing(): string | undefined {
  return spawnSync(program, ["-V"]).error === undefined
    ? undefined
    : "OpenSSH's server (openssh-server) is not installed here";
}

export interface SshServer {
  /** What the shell has to be told to get in. */
  settings: Record<string, string>;
  /** The home that sessions find in their environment. */
  home: string;
  /** How many connections were made. */
  connections(): number;
  /** As if the network were gone. */
  cut(): void;
  close(): Promise<void>;
}

export interface SshServerOptions {
  /** A folder whose programs sessions find first. */
  programs?: string;
}

export async function startSshServer({ programs }: SshServerOptions = {}): Promise<SshServer> {
  const home = await mkdtemp(join(tmpdir(), "talaria-ssh-"));
  const [hostKey, userKey] = await Promise.all([makeSshKey(home, "host_key"), makeSshKey(home, "user_key")]);
  const write = (name: string, text: string) => writeFile(join(home, name), text, { mode: 0o600 });
  await write("authorized_keys", userKey.public);
  const port = await freePort();
  const path = [...(programs === undefined ? [] : [programs]), "/usr/local/bin:/usr/bin:/bin"].join(":");
  await write("sshd_config", configText({ home, port, path }));
  // Root's server separates its privileges in a folder that a service manager would make.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const sshd = spawn(program, ["-D", "-e", "-f", join(home, "sshd_config")], { stdio: ["ignore", "ignore", "pipe"] });
  await listening(sshd.stderr);
  const sockets = new Set<Socket>();
  const relay = await startRelay(port, sockets);
  let connections = 0;
  relay.on("connection", () => (connections += 1));
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    settings: {
      TALARIA_SSH_HOST: "127.0.0.1",
      TALARIA_SSH_PORT: String((relay.address() as AddressInfo).port),
      TALARIA_SSH_USER: userInfo().username,
      TALARIA_SSH_KEY: userKey.private,
      TALARIA_SSH_HOST_KEY: fingerprintOf(hostKey.public),
    },
    home,
    connections: () => connections,
    cut,
    async close() {
      cut();
      relay.close();
      sshd.kill();
      await once(sshd, "exit");
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Made by OpenSSH: of the keys that ssh2 1.17.0 makes, neither can read one in two hundred. */
export async function makeSshKey(folder: string, name: string): Promise<{ private: string; public: string }> {
  const file = join(folder, name);
  await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  const [privateKey, publicKey] = await Promise.all([readFile(file, "utf8"), readFile(`${file}.pub`, "utf8")]);
  return { private: privateKey, public: publicKey };
}

const configText = ({ home, port, path }: { home: string; port: number; path: string }) => `
ListenAddress 127.0.0.1:${port}
HostKey ${join(home, "host_key")}
AuthorizedKeysFile ${join(home, "authorized_keys")}
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
SetEnv HOME=${home} PATH=${path}
`;

const fingerprintOf = (publicKey: string): string => {
  const [, body = ""] = publicKey.split(" ");
  return `SHA256:${createHash("sha256").update(Buffer.from(body, "base64")).digest("base64").replace(/=+$/, "")}`;
};

/** Its own line about it, after which it accepts connections. */
async function listening(stderr: NodeJS.ReadableStream): Promise<void> {
  let said = "";
  for await (const chunk of stderr) {
    said += String(chunk);
    if (said.includes("Server listening on")) return void stderr.resume();
  }
  throw new Error(`sshd did not start: ${said}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startRelay(port: number, sockets: Set<Socket>): Promise<Server> {
  const relay = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  return relay;
}
