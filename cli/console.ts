import { createInterface } from "node:readline/promises";
import { messageOf } from "../core/base/errors.ts";
import { lineOf, type Finding } from "./finding.ts";

export const print = (text: string): void => console.log(text);

export const printFindings = (findings: readonly Finding[]): void =>
  findings.forEach((finding) => print(lineOf(finding)));

/** Whether there is a person to ask. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stdout.isTTY;

interface Terminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  terminal?: boolean;
}

/** Asks for one line; `undefined` when the person breaks off (Ctrl-C, Ctrl-D), which is never a yes. */
export async function ask(
  question: string,
  terminal: Terminal = { input: process.stdin, output: process.stdout },
): Promise<string | undefined> {
  const lines = createInterface(terminal);
  const brokenOff = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
  try {
    return (await Promise.race([lines.question(question).catch(() => undefined), brokenOff]))?.trim();
  } finally {
    lines.close();
  }
}

/** Runs a command as a program: what it could not do is one line, and its exit code is the process's. */
export function runCommand(command: () => Promise<number>): void {
  void command()
    .catch((error: unknown) => {
      console.error(`Talaria could not do it: ${messageOf(error)}`);
      return 1;
    })
    .then(end);
}

/**
 * Connections that are kept alive, and answers that nobody awaits any more, must not hold the process. What was printed is
 * waited for: a pipe takes 64 KiB at a time, and the rest would be lost.
 */
async function end(code: number): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(taken));
  process.exit(code);
}

const taken = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    // Whoever read it has left.
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
