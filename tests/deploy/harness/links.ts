/** What is linked to a packaged function: SST encrypts it beside the code, and the key is in the environment. */
import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Package } from "./package.ts";

interface Link {
  type: string;
  value?: string;
}

const tagBytes = 16;

/** AES-256-GCM, a nonce of zeros (each key encrypts once), the tag at the end (node_modules/sst, resource/node.js). */
export function linksOf({ folder, environment }: Package): Record<string, Link> {
  const { SST_KEY: key = "", SST_KEY_FILE: file = "" } = environment;
  const encrypted = readFileSync(join(folder, file));
  const decipher = createDecipheriv("aes-256-gcm", Buffer.from(key, "base64"), Buffer.alloc(12));
  decipher.setAuthTag(encrypted.subarray(-tagBytes));
  const text = Buffer.concat([decipher.update(encrypted.subarray(0, -tagBytes)), decipher.final()]).toString();
  const links = JSON.parse(text) as Record<string, Link>;
  return Object.fromEntries(Object.entries(links).filter(([name]) => name !== "App"));
}
