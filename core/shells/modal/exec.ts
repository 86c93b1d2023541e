import type { ContainerProcess, Sandbox } from "modal";
import type { Clock } from "../../base/clock.ts";
import type { Exec } from "../remote.ts";
import type { ModalAccount } from "./account.ts";
import { failureOf } from "./failures.ts";

type Process = ContainerProcess<Uint8Array>;

/** As the client's own streaming input does. */
const inputChunkBytes = 256 * 1024;
/** A command that ends without reading its input makes the input fail: this long we wait to see that it ended. */
const endGraceMs = 2_000;

/** One exec of the sandbox. There is no call that ends it early: `remoteWorkspace` does that from inside. */
export const execIn =
  (sandbox: Sandbox, { secrets }: ModalAccount, clock: Clock): Exec =>
  async (command, { stdin, onOutput, signal }) => {
    try {
      const process = await sandbox.exec([...command], { mode: "binary", workdir: "/" });
      const readers = [process.stdout, process.stderr].map((stream) => stream.getReader());
      const ended = Promise.all([process.wait(), ...readers.map((reader) => readAll(reader, onOutput))]);
      const fed = feed(process, stdin).catch(async (error: unknown) => {
        await Promise.race([ended.catch(() => undefined), clock.sleep(endGraceMs, signal)]);
        throw error;
      });
      try {
        const [exitCode] = await Promise.race([ended, whenFailed(fed), whenAborted(signal)]);
        return exitCode;
      } finally {
        for (const reader of readers) reader.cancel().catch(() => undefined);
      }
    } catch (error) {
      throw failureOf(error, secrets);
    }
  };

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, onOutput: (chunk: Uint8Array) => void) {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    onOutput(value);
  }
}

async function feed(process: Process, stdin: Uint8Array): Promise<void> {
  const writer = process.stdin.getWriter();
  for (let at = 0; at < stdin.length; at += inputChunkBytes)
    await writer.write(stdin.subarray(at, at + inputChunkBytes));
  await writer.close();
}

/** Settles only by rejecting. */
const whenFailed = (work: Promise<unknown>): Promise<never> => new Promise((_, reject) => void work.catch(reject));

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abandon = () => reject(new Error("Nobody waits for this command any more."));
    if (signal.aborted) abandon();
    else signal.addEventListener("abort", abandon, { once: true });
  });
