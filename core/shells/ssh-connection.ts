import { createHash } from "node:crypto";
import type { Client, ClientChannel, ConnectConfig } from "ssh2";
import type { Clock } from "../base/clock.ts";
import { messageOf, refused, retryable, type TalariaError } from "../base/errors.ts";
import { missingSettings, type Settings } from "../base/settings.ts";
import { egressOf, networkSetting } from "./egress.ts";
import { pemOf } from "./pem.ts";
import { commandLine, type Exec, type ExecIo } from "./remote.ts";

const setting = (name: string, required: boolean, help: string) => ({ name, required, secret: false, help });

/** What every shell needs that reaches its machine over ssh. */
export const sshSettings = [
  setting("TALARIA_SSH_HOST", true, "Machine that commands run on: name or address."),
  setting("TALARIA_SSH_PORT", false, "Port of its ssh server. Default: 22."),
  setting("TALARIA_SSH_USER", true, "User there; its login shell must be a POSIX shell."),
  {
    name: "TALARIA_SSH_KEY",
    required: true,
    secret: true,
    help: "Private key without a passphrase: the text of the file, or base64 of it.",
  },
  setting(
    "TALARIA_SSH_HOST_KEY",
    true,
    "Fingerprint of the machine's key: SHA256:… (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there).",
  ),
  setting("TALARIA_SSH_FOLDER", false, "Folder there that holds the workspaces. Default: ~/talaria."),
  networkSetting,
];

/** Throws a refusal for settings that ask for another network than the machine's own. */
export function checkSshEgress(shell: string, settings: Settings): void {
  const because = "the network of the machine is its own; rules for it belong there.";
  egressOf(settings, { shell, keeps: ["open"], because, byDefault: "open" });
}

export const sshFolder = (settings: Settings): string => settings["TALARIA_SSH_FOLDER"] || "~/talaria";

/** One connection, made when it is first needed and again when it is lost. */
export interface SshConnection {
  exec: Exec;
  /** Throws when the machine cannot be reached, is another one, or does not let us in. */
  open(): Promise<void>;
  close(): Promise<void>;
}

const readyTimeoutMs = 20_000;
const keepaliveIntervalMs = 15_000;
const maxMissedKeepalives = 3;
/** A function that was frozen for longer than this may hold a connection that the other side gave up. */
const maxIdleMs = 60_000;

/** Loads the client library. */
export async function connectSsh(settings: Settings, clock: Clock): Promise<SshConnection> {
  const missing = missingSettings(sshSettings, settings);
  if (missing.length > 0) throw refused(`These settings are missing: ${missing.join(", ")}.`);
  const { default: ssh2 } = await import("ssh2");
  const config = configOf(settings, (key) => ssh2.utils.parseKey(key) instanceof Error);
  const fingerprints = (settings["TALARIA_SSH_HOST_KEY"] ?? "").split(/[\s,]+/).filter(Boolean);
  const connect = () => ready(new ssh2.Client(), config, fingerprints);
  const shared = sharedClient(connect, clock);
  return {
    async exec(command, io) {
      const line = commandLine(command);
      const exitCode = await shared.use((client) => execOn(client, line, io));
      return exitCode ?? execAlone(await connect(), line, io);
    },
    open: () => shared.use(async () => {}),
    close: async () => shared.drop(),
  };
}

function sharedClient(connect: () => Promise<Client>, clock: Clock) {
  let current: Promise<Client> | undefined;
  let users = 0;
  let usedAt = 0;
  const drop = () => {
    void current?.then((client) => client.end()).catch(() => {});
    current = undefined;
  };
  const connected = () => {
    if (current !== undefined) return current;
    const made = connect();
    const forget = () => {
      if (current === made) current = undefined;
    };
    made.then((client) => client.on("close", forget), forget);
    current = made;
    return made;
  };
  return {
    drop,
    async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
      if (users === 0 && clock.now() - usedAt > maxIdleMs) drop();
      users += 1;
      try {
        return await work(await connected());
      } finally {
        users -= 1;
        usedAt = clock.now();
      }
    },
  };
}

function configOf(settings: Settings, isBad: (key: string) => boolean): ConnectConfig {
  const port = Number(settings["TALARIA_SSH_PORT"] || 22);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw refused("TALARIA_SSH_PORT must be a port number.");
  const privateKey = pemOf(settings["TALARIA_SSH_KEY"] ?? "");
  // The library's reason could quote the key.
  if (isBad(privateKey)) throw refused("TALARIA_SSH_KEY is not a private key, or it has a passphrase.");
  return {
    host: settings["TALARIA_SSH_HOST"] ?? "",
    port,
    username: settings["TALARIA_SSH_USER"] ?? "",
    privateKey,
    readyTimeout: readyTimeoutMs,
    keepaliveInterval: keepaliveIntervalMs,
    keepaliveCountMax: maxMissedKeepalives,
  };
}

/** As OpenSSH writes it. */
const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

/** Resolves when we are let in. A machine with another key than the ones we know is refused before we say who we are. */
function ready(client: Client, config: ConnectConfig, fingerprints: readonly string[]): Promise<Client> {
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  let offered: string | undefined;
  const hostVerifier = (key: Buffer) => {
    const fingerprint = fingerprintOf(key);
    const isKnown = fingerprints.includes(fingerprint);
    if (!isKnown) offered = fingerprint;
    return isKnown;
  };
  client.on("ready", () => resolve(client));
  // Stays, because an error without a listener would end the process.
  client.on("error", (error) => {
    reject(offered === undefined ? connectionError(error, config) : unknownHost(config, offered));
    client.destroy();
  });
  client.on("close", () => reject(retryable(`${config.host} closed the ssh connection.`, { code: "shell.failed" })));
  // A command is a few small messages: without this each would wait for the answer to the one before.
  client.on("connect", () => client.setNoDelay(true));
  client.connect({ ...config, hostVerifier });
  return promise;
}

const unknownHost = ({ host }: ConnectConfig, fingerprint: string) =>
  refused(
    `${host} has the key ${fingerprint}, which is not TALARIA_SSH_HOST_KEY. ` +
      "Compare it on the machine itself (ssh-keygen -lf on its host key) and set it only if it is the same.",
  );

function connectionError(error: Error & { level?: string }, { host, username }: ConnectConfig): TalariaError {
  if (error.level === "client-authentication")
    return refused(`${host} does not let ${username} in with the key of TALARIA_SSH_KEY.`, { cause: error });
  return retryable(`No ssh connection to ${host}: ${messageOf(error)}`, { cause: error, code: "shell.failed" });
}

/** On a connection of its own, which ends with the command. */
async function execAlone(client: Client, line: string, io: ExecIo): Promise<number> {
  try {
    const exitCode = await execOn(client, line, io);
    if (exitCode === undefined) throw retryable("The ssh server opens no session.", { code: "shell.failed" });
    return exitCode;
  } finally {
    client.end();
  }
}

/** Undefined when the server opens no more sessions on this connection: by default ten (`MaxSessions`). */
function execOn(client: Client, line: string, io: ExecIo): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const onClose = () => reject(retryable("The ssh connection was lost.", { code: "shell.failed" }));
    const failed = (error: unknown) =>
      reject(retryable(`ssh failed: ${messageOf(error)}`, { cause: error, code: "shell.failed" }));
    client.once("close", onClose);
    try {
      client.exec(line, (error, channel) => {
        client.off("close", onClose);
        // Listening at once: the end of a short command comes in the same packet as its beginning.
        if (error === undefined) resolve(talk(channel, io));
        else if (/channel open failure/i.test(error.message)) resolve(undefined);
        else failed(error);
      });
    } catch (error) {
      failed(error);
    }
  });
}

function talk(channel: ClientChannel, io: ExecIo): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let exitCode: number | undefined;
  const onAbort = () => channel.close();
  io.signal.addEventListener("abort", onAbort, { once: true });
  channel.on("data", io.onOutput);
  channel.stderr.on("data", io.onOutput);
  // Killed by a signal: no code.
  channel.on("exit", (code: number | null) => (exitCode = code ?? 137));
  channel.on("error", (error: unknown) =>
    reject(retryable(`ssh failed: ${messageOf(error)}`, { cause: error, code: "shell.failed" })),
  );
  channel.on("close", () => {
    if (exitCode !== undefined) resolve(exitCode);
    else reject(retryable("The ssh connection was lost before the command ended.", { code: "shell.failed" }));
  });
  channel.end(io.stdin);
  if (io.signal.aborted) onAbort();
  return promise.finally(() => io.signal.removeEventListener("abort", onAbort));
}
