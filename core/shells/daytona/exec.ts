import { randomUUID } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { Clock } from "../../base/clock.ts";
import { isKind, retryable } from "../../base/errors.ts";
import type { Exec } from "../remote.ts";
import type { DaytonaMachine } from "./account.ts";
import { guarded } from "./failures.ts";
import { pieceBytes, spoolScript } from "./spool-script.ts";

/** One call answers within ten seconds; longer than this and it is lost. */
const callMs = 30_000;
/** A piece that did not arrive is asked for again this often, so that one failing call does not lose a long command. */
const maxReads = 4;
const readAgainAfterMs = 1_000;
/** Input and script of a command; several hundred megabytes are possible, on a line that may be slow. */
const uploadMs = 300_000;

export interface ExecContext {
  apiKey: string;
  clock: Clock;
}

/** A command over plain HTTP calls, each of which has our own time-out (see spool-script.ts). */
export const execIn =
  (machine: DaytonaMachine, { apiKey, clock }: ExecContext): Exec =>
  (command, { stdin, onOutput, signal }) => {
    const folder = `/tmp/.talaria-exec/${randomUUID()}`;
    const ask = (words: string) => guarded(apiKey, () => execute(machine, `bash ${folder}/run ${words}`, signal));
    const read = async (piece: number) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await ask(`read ${piece}`);
        } catch (error) {
          if (signal.aborted || attempt === maxReads || !isKind(error, "retryable")) throw error;
        }
        await clock.sleep(readAgainAfterMs, signal);
      }
    };
    return guarded(apiKey, async () => {
      await upload(machine, { run: Buffer.from(spoolScript(command)), in: stdin }, { folder, signal });
      let answer = await ask("start");
      for (let piece = 0; !answer.startsWith("exit "); answer = await read(piece)) {
        if (!answer.startsWith("piece ")) continue;
        onOutput(gunzipSync(Buffer.from(answer.slice("piece ".length), "base64"), { maxOutputLength: pieceBytes }));
        piece += 1;
      }
      return Number(answer.slice("exit ".length));
    });
  };

const limited = (signal: AbortSignal, ms: number) => ({ signal: AbortSignal.any([signal, AbortSignal.timeout(ms)]) });

interface UploadOptions {
  folder: string;
  signal: AbortSignal;
}

/** The fields of Daytona's bulk upload: each file's path before its content. */
async function upload(machine: DaytonaMachine, files: Record<string, Uint8Array>, { folder, signal }: UploadOptions) {
  const data = new FormData();
  for (const [index, [name, content]] of Object.entries(files).entries()) {
    data.append(`files[${index}].path`, `${folder}/${name}`);
    data.append(`files[${index}].file`, new Blob([Uint8Array.from(content)]), name);
  }
  await machine.files.uploadFiles({ data, ...limited(signal, uploadMs), maxBodyLength: Infinity });
}

/** What one short command wrote. */
async function execute(machine: DaytonaMachine, command: string, signal: AbortSignal): Promise<string> {
  const request = { command, timeout: callMs / 1_000 };
  const { data } = await machine.process.executeCommand(request, limited(signal, callMs));
  if (data.exitCode === 0 || data.exitCode === undefined) return data.result;
  throw retryable(`Daytona could not run a command: ${data.result.slice(0, 2_000)}`, { code: "shell.failed" });
}
