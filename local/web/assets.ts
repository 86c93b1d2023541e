import { readFileSync } from "node:fs";
import { extname, posix } from "node:path";
import { join } from "node:path";
import { repositoryRoot } from "../cloud/repository-root.ts";
import { stripTypes } from "./strip-types.ts";

export interface Asset {
  contentType: string;
  body: string;
}

const contentTypes: Record<string, string> = {
  ".ts": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const importPattern = /(?:import|export)[^;'"]*?from\s*"(\.[^"]+)"/g;

/**
 * What the page may fetch, by its path in this repository: the files named here, and every module that they import.
 * Nothing else can be asked for, whatever the path.
 */
export function loadAssets(roots: readonly string[]): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  const waiting = [...roots];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (assets.has(path)) continue;
    const source = readFileSync(join(repositoryRoot, path), "utf8");
    const isModule = extname(path) === ".ts";
    const body = isModule ? stripTypes(source) : source;
    assets.set(path, { contentType: contentTypes[extname(path)] ?? "application/octet-stream", body });
    // After stripping only imports of values are left.
    if (isModule)
      for (const [, target = ""] of body.matchAll(importPattern)) waiting.push(posix.join(posix.dirname(path), target));
  }
  return assets;
}
