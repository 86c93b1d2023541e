/** Stays until a file appears, and says so by making one: a test can hold invocations and count them. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";

export const handler = async ({ folder, id }: { folder: string; id: string }): Promise<number> => {
  writeFileSync(join(folder, `entered-${id}`), "");
  while (!existsSync(join(folder, "open"))) await sleep(5);
  return threadId;
};
