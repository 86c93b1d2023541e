/**
 * `npm start`: the embedded cloud with the agent in it, or one question with `--say`. What is imported is compiled once
 * and kept (node:module, enableCompileCache), which halves the time to ready; so everything else is imported after that.
 */
import { enableCompileCache } from "node:module";

enableCompileCache();
const { start } = await import("./start.ts");
const { messageOf } = await import("../core/base/errors.ts");

await start().catch((error: unknown) => {
  console.error(`Talaria could not do it: ${messageOf(error)}`);
  process.exitCode = 1;
});
