/** Fails until it was called as often as the event says; every call leaves a line in a file. */
import { appendFileSync, readFileSync } from "node:fs";

export const handler = (event: { file: string; failures: number }): string => {
  appendFileSync(event.file, `${JSON.stringify(event)}\n`);
  const calls = readFileSync(event.file, "utf8").trim().split("\n").length;
  if (calls <= event.failures) throw new Error(`call ${calls} fails`);
  return "done";
};
