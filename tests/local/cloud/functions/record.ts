/** Writes each event it gets as a line of the file that the environment names. */
import { appendFileSync } from "node:fs";

export const handler = (event: unknown): void => {
  appendFileSync(process.env["RECORD_FILE"] ?? "", `${JSON.stringify(event)}\n`);
};
