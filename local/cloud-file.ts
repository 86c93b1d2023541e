import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../core/base/json.ts";

/** Where a running agent keeps everything: for programs of the same person, who alone may read the data folder. */
const schema = z.object({
  /** With which SDK clients find its cloud. */
  awsEnvironment: z.record(z.string(), z.string()),
  profile: z.string(),
});
export type RunningCloud = z.infer<typeof schema>;

const fileIn = (dataFolder: string) => join(dataFolder, "cloud.json");

/** Says where the cloud in this folder is, while it runs. Returns how to take it back. */
export function announceCloud(dataFolder: string, cloud: RunningCloud): () => void {
  writeFileSync(fileIn(dataFolder), JSON.stringify(cloud), { mode: 0o600 });
  return () => rmSync(fileIn(dataFolder), { force: true });
}

/** What was announced last; after a crash it may be of a cloud that is gone. */
export function announcedCloud(dataFolder: string): RunningCloud | undefined {
  const file = fileIn(dataFolder);
  return existsSync(file) ? schema.safeParse(parseJson(readFileSync(file, "utf8"))).data : undefined;
}
