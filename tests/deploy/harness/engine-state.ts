/** The file in which Pulumi keeps what is deployed; the CLI reads it after every command. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import type { GraphResource } from "./graph.ts";

/** Of the engine that this version of SST asks for. */
export const engineVersion = "v3.215.0";

/** A resource as the state file has it. */
export interface StateResource {
  urn: string;
  type: string;
  custom: boolean;
}

const fileOf = (app: string, stage: string) => join(process.cwd(), ".pulumi", "stacks", app, `${stage}.json`);

export function readState(app: string, stage: string): StateResource[] {
  const { checkpoint } = JSON.parse(readFileSync(fileOf(app, stage), "utf8")) as {
    checkpoint: { latest: { resources?: StateResource[] } };
  };
  return checkpoint.latest.resources ?? [];
}

export function writeState(app: string, stage: string, resources: readonly GraphResource[]): void {
  const file = fileOf(app, stage);
  const latest = {
    manifest: { time: new Date().toISOString(), magic: randomUUID(), version: engineVersion },
    // Nothing is encrypted: the keys and values of a check are made up.
    secrets_providers: {
      type: "passphrase",
      state: { salt: "v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA==" },
    },
    resources: resources.map(({ urn, type, isCustom, inputs, outputs, parent }) => ({
      urn,
      custom: isCustom,
      ...(isCustom && { id: urn }),
      type,
      inputs,
      outputs,
      ...(parent && { parent }),
    })),
  };
  mkdirSync(dirname(file), { recursive: true });
  const checkpoint = { stack: `organization/${app}/${stage}`, latest };
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint }, undefined, 2));
}
