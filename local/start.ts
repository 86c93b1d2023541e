import { existsSync } from "node:fs";
import { bannerText } from "./banner.ts";
import { startBridges } from "./bridges/bridges.ts";
import { printable } from "./chat/printer.ts";
import { startInstance } from "./instance.ts";
import { readOptions, usage, type Options } from "./options.ts";
import { sayToRunning } from "./say-running.ts";
import { say } from "./say.ts";

async function sayOnce(text: string, options: Options): Promise<void> {
  const result = (await sayToRunning(text, options)) ?? (await say(text, options));
  console.log(printable(result.reply));
  if (options.json) console.log(JSON.stringify(result));
}

async function serve(options: Options): Promise<void> {
  const instance = await startInstance(options);
  const { cloud, environment } = instance;
  const readyAfterMs = performance.now();
  const banner = await bannerText(instance, { dataFolder: options.dataFolder, readyAfterMs }).catch(
    async (error: unknown) => {
      // A shell that refuses its settings: nothing may go on that a person could take for a start.
      await instance.close();
      throw error;
    },
  );
  const bridges = startBridges({ url: cloud.url, settings: environment, notify: (line) => console.log(line) });
  const stop = async () => {
    await bridges.close();
    await instance.close();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stop().finally(() => process.exit(0)));
  console.log(banner);
}

/** Reads `.env` and the command line, and does what they say. */
export async function start(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) return console.log(usage);
  if (options.say === undefined) return serve(options);
  await sayOnce(options.say, options);
}
