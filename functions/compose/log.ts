import { appendFileSync } from "node:fs";
import { jsonLog, type Log } from "../../core/base/log.ts";
import type { Settings } from "../../core/base/settings.ts";

/** Standard output, which Lambda sends to CloudWatch, or the file that `TALARIA_LOG_FILE` names. */
export function openLog(settings: Settings, functionName: string): Log {
  const file = settings["TALARIA_LOG_FILE"];
  const write = file
    ? (line: string) => appendTo(file, `${line}\n`)
    : (line: string) => void process.stdout.write(`${line}\n`);
  return jsonLog(write, { function: functionName });
}

/** What is logged must not fail by being logged: a full disk costs the line its place in the file. */
function appendTo(file: string, line: string): void {
  try {
    appendFileSync(file, line);
  } catch {
    process.stderr.write(line);
  }
}
