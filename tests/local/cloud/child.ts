/**
 * A cloud in a process of its own, for tests that kill it: prints its environment as JSON and stays. On SIGTERM it closes,
 * and nothing else may keep the process then.
 */
import { startCloud } from "../../../local/cloud/index.ts";
import { restartManifest } from "./restart-manifest.ts";
import { functionsFolder } from "./paths.ts";

const cloud = await startCloud({
  manifest: restartManifest,
  dataFolder: process.argv[2] ?? "",
  environment: {},
  mode: "in-process",
  port: 0,
  root: functionsFolder,
});
process.once("SIGTERM", () => void cloud.close());
process.stdout.write(`${JSON.stringify(cloud.awsEnvironment)}\n`);
