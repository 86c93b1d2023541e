#!/usr/bin/env node
// Stands in for the program `sst` (4.17.1) on the PATH of a test: keeps secrets in a folder, records how it was called,
// and words its answers as the real one does. Settings: FAKE_SST (its folder), FAKE_SST_OUTPUTS, FAKE_SST_FAILS,
// FAKE_SST_LINGERS.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.FAKE_SST;
const [command, ...args] = process.argv.slice(2);
const stage = args[args.indexOf("--stage") + 1];
const file = join(folder, "secrets.json");
const secrets = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};

appendFileSync(
  join(folder, "calls.jsonl"),
  `${JSON.stringify({ args: process.argv.slice(2), remove: process.env.TALARIA_REMOVE })}\n`,
);

function fail(text) {
  console.error(`✕  ${text}`);
  process.exit(1);
}

if (process.env.FAKE_SST_LINGERS === command) {
  // As the real one at Ctrl-C: it lets go of what it has locked, which takes a moment.
  process.on("SIGINT", () => setTimeout(() => fail("Interrupted, let go"), 300));
  console.log("Working");
  await new Promise((resolve) => setTimeout(resolve, 20_000));
}
if (process.env.FAKE_SST_FAILS === command) fail("AccessDenied: not allowed");
if (command === "secret" && args[0] === "list") {
  if (Object.keys(secrets).length === 0) fail("No secrets found");
  console.log(`# talaria/${stage}`);
  for (const [name, value] of Object.entries(secrets)) console.log(`${name}=${value}`);
} else if (command === "secret" && args[0] === "set") {
  secrets[args[1]] = readFileSync(0, "utf8");
  writeFileSync(file, JSON.stringify(secrets));
  console.error(`✓  Set "${args[1]}" for stage "${stage}". Run "sst deploy" to update.`);
} else if (command === "deploy") {
  console.log("✓  Complete");
  mkdirSync(".sst", { recursive: true });
  writeFileSync(join(".sst", "outputs.json"), process.env.FAKE_SST_OUTPUTS);
} else if (command === "remove") {
  console.log("✓  Removed");
}
