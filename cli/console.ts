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
    // Connections that are kept alive must not hold the process.
    .then((code) => process.exit(code));
}
