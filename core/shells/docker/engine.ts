import type Docker from "dockerode";
import { messageOf, refused, retryable, TalariaError } from "../../base/errors.ts";
import type { Settings } from "../../base/settings.ts";
import type { Exec, ExecIo } from "../remote.ts";
import { engineAddress } from "./address.ts";
import { certificatesOf, tlsNames } from "./certificates.ts";

/** What the library is told of the engine; it would fill what is absent from environment variables. */
export async function engineOptions(settings: Settings): Promise<Docker.DockerOptions> {
  const address = engineAddress(settings);
  const none = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined };
  if (address.kind === "socket") return { ...none, socketPath: address.path };
  const { protocol, hostname, port } = address;
  // As an address: a literal of IPv6 alone would be taken for a protocol.
  return { ...none, host: `${protocol}://${hostname}`, port, protocol, ...(await certificatesOf(settings)) };
}

/** What the engine answers when something does not exist, is there already, or is in that state already. */
export const isStatus = (error: unknown, ...codes: number[]): boolean =>
  typeof error === "object" && error !== null && "statusCode" in error && codes.includes(Number(error.statusCode));

/** A 4xx will be the same next time, apart from what is not there any more or in the way (404, 409). */
export function engineError(error: unknown): TalariaError {
  if (error instanceof TalariaError) return error;
  const text = messageOf(error).trim();
  if (isStatus(error, 400, 401, 403, 405, 406)) return refused(`Docker refused: ${text}`, { cause: error });
  if (isDistrust(error))
    return refused(`The Docker engine and we do not trust each other (${text}). Compare ${tlsNames}.`, {
      cause: error,
    });
  const details = { cause: error, code: "shell.failed" };
  if (/\b(ENOENT|ECONNREFUSED|EACCES)\b/.test(text))
    return retryable(`Docker does not answer (${text}). Is it running, and may this user use it?`, details);
  return retryable(`Docker failed: ${text}`, details);
}

/** Of Node (a certificate that does not fit) and of OpenSSL (the other side says that ours does not). */
const distrust = /^(ERR_TLS_|ERR_SSL_.*ALERT|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

const isDistrust = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && distrust.test(String(error.code));

/** Commands in a running container. */
export const execIn =
  (container: Docker.Container): Exec =>
  async (command, io) => {
    try {
      const attach = { AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false };
      const exec = await container.exec({ Cmd: [...command], ...attach });
      const stream = await exec.start({ hijack: true, stdin: true });
      await talk(stream, io);
      const { ExitCode: exitCode } = await exec.inspect();
      if (exitCode === null) throw retryable("Docker closed the connection before the command ended.");
      return exitCode;
    } catch (error) {
      throw engineError(error);
    }
  };

/** Resolves when the engine has sent all. */
function talk(stream: NodeJS.ReadWriteStream & { destroy(): void }, io: ExecIo): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => stream.destroy();
  io.signal.addEventListener("abort", onAbort, { once: true });
  stream.on("data", outputsOf(io.onOutput));
  stream.on("end", resolve).on("close", resolve).on("error", reject);
  stream.end(io.stdin);
  if (io.signal.aborted) onAbort();
  return promise.finally(() => io.signal.removeEventListener("abort", onAbort));
}

/**
 * Both outputs share a stream, in frames of a kind, three zeros, a length in four bytes and as many bytes.
 * https://docs.docker.com/reference/api/engine/ (Attach to a container: Stream format)
 */
function outputsOf(onOutput: (chunk: Uint8Array) => void): (chunk: Buffer) => void {
  const headerBytes = 8;
  let header = Buffer.alloc(0);
  let left = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (left > 0) {
        onOutput(rest.subarray(0, left));
        const taken = Math.min(left, rest.length);
        left -= taken;
        rest = rest.subarray(taken);
        continue;
      }
      const missing = headerBytes - header.length;
      header = Buffer.concat([header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (header.length < headerBytes) return;
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  };
}
