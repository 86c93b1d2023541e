// Runs before `npm start` and `npm test`, on whatever Node the machine has (20 or newer): installs what is missing.
// Plain JavaScript on purpose: an older Node cannot run TypeScript.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(root, "node_modules", ".talaria-installed");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .update(process.platform + process.arch)
  .digest("hex");
const nodeBinary = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");

function isInstalled() {
  return existsSync(stamp) && existsSync(nodeBinary) && readFileSync(stamp, "utf8") === wanted;
}

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(
    `Talaria needs Node 20 or newer to install itself; this is ${process.version}. See https://nodejs.org.`,
  );
  process.exit(1);
}
if (!isInstalled()) {
  console.error("Installing what is missing (npm ci) …");
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const run = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (run.status !== 0) {
    console.error("npm ci failed. What it printed above says why; run it again when that is mended.");
    process.exit(run.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}
