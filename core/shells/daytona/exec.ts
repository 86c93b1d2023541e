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
      const run = { path: `${folder}/run`, content: Buffer.from(spoolScript(command)) };
      await machine.upload([run, { path: `${folder}/in`, content: stdin }], { timeoutMs: uploadMs, signal });
      let answer = await ask("start");
      for (let piece = 0; !answer.startsWith("exit "); answer = await read(piece)) {
        if (!answer.startsWith("piece ")) continue;
        onOutput(gunzipSync(Buffer.from(answer.slice("piece ".length), "base64"), { maxOutputLength: pieceBytes }));
        piece += 1;
      }
      return Number(answer.slice("exit ".length));
    });
  };

/** What one short command wrote. */
async function execute(machine: DaytonaMachine, command: string, signal: AbortSignal): Promise<string> {
  const { exitCode, result } = await machine.execute(command, { timeoutMs: callMs, signal });
  // The last line: a shell on the way may warn first, of a locale that the sandbox lacks.
  if (exitCode === 0 || exitCode === undefined) return result.slice(result.lastIndexOf("\n") + 1);
  throw retryable(`Daytona could not run a command: ${result.slice(0, 2_000)}`, { code: "shell.failed" });
}
