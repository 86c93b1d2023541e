import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "../core/base/json.ts";
import type { Settings } from "../core/base/settings.ts";
import { physicalNameOf } from "../stacks/names.ts";
import { settingNameOf, unsetSecret } from "../stacks/secret-names.ts";

/**
 * Reads what `sst secret list` prints: a heading for the fallback values and one for the stage's, then `Name=value`
 * lines; a value may go on over further lines. The stage's come last and win.
 */
export function parseSecretList(printed: string): Settings {
  const values: Record<string, string> = {};
  let name: string | undefined;
  for (const line of printed.split("\n")) {
    const [, found, value = ""] = /^([A-Z][A-Za-z0-9]*)=(.*)$/.exec(line) ?? [];
    const isHeading = /^# (fallback|\S+\/\S+)$/.test(line);
    if (isHeading) name = undefined;
    else if (found !== undefined) values[(name = settingNameOf(found))] = value;
    else if (name !== undefined) values[name] += `\n${line}`;
  }
  return Object.fromEntries(
    Object.entries(values)
      .map(([key, value]) => [key, value.replace(/\n+$/, "")] as const)
      .filter(([, value]) => value !== "" && value !== unsetSecret),
  );
}

/** What the last `sst deploy` of this folder left in `.sst/outputs.json`: the return value of `run` in sst.config.ts. */
const outputsSchema = z.looseObject({
  webhooks: z.string().min(1),
  turnMachine: z.string(),
  table: z.string().optional(),
  bucket: z.string().optional(),
  shellImage: z.string().optional(),
  shellImageRole: z.string().optional(),
  taskImageProject: z.string().optional(),
  taskImageRepository: z.string().optional(),
});

export interface Outputs {
  /** Where platforms and clients reach the agent, without a slash at the end. */
  url: string;
  /** Where the agent keeps everything. */
  storage?: { table: string; bucket: string };
  /** The image of the shell "microvm", and what AWS builds it with. */
  image?: { arn: string; buildRole: string; bucket: string };
  /** What builds the image of the shell "ecs", and where it goes; absent with an image of the owner's. */
  taskImage?: { project: string; repository: string; bucket: string };
}

const outputsFile = (folder: string) => join(folder, ".sst", "outputs.json");

/** `undefined` when the last deploy from this folder was not of this deployment, or when there was none. */
export function readOutputs(folder: string, app: string, stage: string): Outputs | undefined {
  const file = outputsFile(folder);
  if (!existsSync(file)) return undefined;
  const { data } = outputsSchema.safeParse(parseJson(readFileSync(file, "utf8")));
  // The file does not say its stage; the machine's name does.
  const isOurs = data?.turnMachine.endsWith(`:${physicalNameOf(app, stage, "turn")}`);
  if (!data || !isOurs) return undefined;
  const { webhooks, shellImage: arn, shellImageRole: buildRole, table, bucket } = data;
  const { taskImageProject: project, taskImageRepository: repository } = data;
  return {
    url: webhooks.replace(/\/+$/, ""),
    ...(table && bucket && { storage: { table, bucket } }),
    ...(arn && buildRole && bucket && { image: { arn, buildRole, bucket } }),
    ...(project && repository && bucket && { taskImage: { project, repository, bucket } }),
  };
}

/** After the deployment is gone: its address is not one any more. */
export function forgetOutputs(folder: string, app: string, stage: string): void {
  if (readOutputs(folder, app, stage)) rmSync(outputsFile(folder));
}
