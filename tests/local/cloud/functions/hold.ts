/** A step of a turn that never answers in its first process: a test kills that process meanwhile. */
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export const handler = async (event: { marker: string }): Promise<string> => {
  if (existsSync(event.marker)) return "second time";
  writeFileSync(event.marker, "");
  await sleep(60_000);
  return "first time";
};
