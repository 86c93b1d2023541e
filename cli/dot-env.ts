import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Settings } from "../core/base/settings.ts";

/** The values of a folder's `.env`. The environment is left out: what is in the file was put there for Talaria. */
export function readDotEnv(folder: string): Settings {
  const file = join(folder, ".env");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}
