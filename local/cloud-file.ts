import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../core/base/json.ts";
import type { Settings } from "../core/base/settings.ts";
import { resourceEnvironment } from "../stacks/manifest.ts";
import { holderOf } from "./cloud/data-folder.ts";

/** Where a running agent keeps everything: for programs of the same person, who alone may read the data folder. */
const schema = z.object({
  /** The process: after a crash the file is of one that is gone. */
  pid: z.number(),
  /** With which SDK clients find its cloud. */
  awsEnvironment: z.record(z.string(), z.string()),
  profile: z.string(),
});
export type RunningCloud = Omit<z.infer<typeof schema>, "pid">;

const fileIn = (dataFolder: string) => join(dataFolder, "cloud.json");

/** Says where the cloud in this folder is, while it runs. Returns how to take it back. */
export function announceCloud(dataFolder: string, cloud: RunningCloud): () => void {
  writeFileSync(fileIn(dataFolder), JSON.stringify({ pid: process.pid, ...cloud }), { mode: 0o600 });
  return () => rmSync(fileIn(dataFolder), { force: true });
}

/** What the process that has the folder announced; `undefined` when none has it, or it is not ready. */
export function runningCloud(dataFolder: string): RunningCloud | undefined {
  const file = fileIn(dataFolder);
  const cloud = existsSync(file) ? schema.safeParse(parseJson(readFileSync(file, "utf8"))).data : undefined;
  return cloud !== undefined && cloud.pid === holderOf(dataFolder) ? cloud : undefined;
}

/**
 * Where the agent that runs in a data folder is reached, and the token that opens it. Another program that has its usual
 * port is never asked: it has no business with the token.
 */
export function runningAddress(dataFolder: string, settings: Settings): { url: string; token: string } | undefined {
  const url = runningCloud(dataFolder)?.awsEnvironment[resourceEnvironment.shellUrl];
  const secret = join(dataFolder, "web.secret");
  if (url === undefined || !existsSync(secret)) return undefined;
  return { url, token: settings["TALARIA_WEB_TOKEN"] || readFileSync(secret, "utf8").trim() };
}
