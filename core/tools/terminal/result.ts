import { stripVTControlCharacters } from "node:util";
import type { Json } from "../../base/json.ts";
import { redact } from "../../guard/redact.ts";
import { type JobLook, type JobOutput, troubleOf } from "../../shells/jobs/job.ts";
import type { Workspace } from "../../shells/shell.ts";
import { meaningOf } from "./exit-codes.ts";
import { windowOfParts } from "./window.ts";

/** What the model is shown of one command's output, in characters. */
export const windowChars = 50_000;

/** A name for the file of a call's whole output. */
export const outputFile = (callId: string): string => `${callId.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.txt`;

/** What a command's end is, whatever ran it. */
interface CommandEnd {
  exitCode: number;
  timedOut: boolean;
  cwd: string | undefined;
  cwdChanged: boolean;
}

/** The result's fields besides the output. */
export function endFields(end: CommandEnd, command: string, seconds?: number): Record<string, Json> {
  const meaning = end.timedOut
    ? `timed out${seconds === undefined ? "" : ` after ${seconds} s`}: the command was killed with everything it started; cwd and variables are as before it`
    : meaningOf(end.exitCode, command);
  return {
    exit_code: end.exitCode,
    ...(meaning !== undefined && { exit_code_meaning: meaning }),
    ...(end.cwdChanged && end.cwd !== undefined && { cwd: end.cwd }),
  };
}

/** A text that holds what a program wrote, the same way. */
export const shownText = (text: string, limitChars: number): string =>
  shown({ head: text, tail: "", totalBytes: 0, omittedBytes: 0 }, limitChars).text;

/** An output as the model is shown it: without colours, secrets masked, at most `limitChars` of its two ends. */
export function shown({ head, tail, omittedBytes }: JobOutput, limitChars: number): { text: string; isWhole: boolean } {
  const [first, last] = [head, tail].map((part) => redact(stripVTControlCharacters(part)));
  return windowOfParts({ head: first ?? "", tail: last ?? "", omitted: omittedBytes }, limitChars);
}

/** Fields of a long output: where the whole is, and that the middle is missing here. */
export const truncation = (totalBytes: number, path: string | undefined): Record<string, Json> => ({
  output_total_bytes: totalBytes,
  ...(path !== undefined && { full_output_path: path }),
  truncation_note: `The middle is left out.${path === undefined ? "" : " Read or search full_output_path instead of running this again."}`,
});

/** The result of a command that ran as a job and has ended; `path` is where its whole output is. */
export function jobResult(
  look: JobLook,
  {
    command,
    seconds,
    workspace,
    path,
  }: { command: string; seconds: number; workspace: Workspace; path?: string | undefined },
): Json {
  const { text, isWhole } = shown(look.output, windowChars);
  return {
    ...troubleFields(look),
    output: text,
    ...(!isWhole && truncation(look.output.totalBytes, path)),
    ...endFields({ ...look, exitCode: look.exitCode ?? 0 }, command, seconds),
    ...notice(workspace),
  };
}

/** An error where the command was ended for its output, or a full disk took of it: what was lost must not look like none. */
export function troubleFields(look: Parameters<typeof troubleOf>[0]): Record<string, Json> {
  const error = troubleOf(look);
  return error === undefined ? {} : { error };
}

export const notice = (workspace: Workspace): Record<string, Json> =>
  workspace.notice === undefined ? {} : { machine_notice: workspace.notice };
