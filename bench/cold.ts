import type { Benchmark } from "./benchmark.ts";
import { median } from "./statistics.ts";
import { formatTable, inMb, inMs } from "./table.ts";
import { deploy } from "../tests/deploy/deployment.ts";
import { importCold, type Package } from "../tests/deploy/harness/package.ts";
import { openReport } from "../tests/deploy/harness/report.ts";
import { openBench } from "../tests/deploy/harness/workbench.ts";

const defaultImports = 10;
const reaches: Readonly<Record<string, string>> = {
  webhooks: "under 600 KB, 130 ms",
  "agent-step": "under 1.2 MB, 200 ms",
};

/** The functions as SST packages them for the deployment that `npm run deploy:check` looks at (Telegram and OpenAI). */
export const cold: Benchmark = {
  about: `bundle and cold import of every function, in fresh processes; SIZE is how many, ${defaultImports} unless given`,

  async run(print, size = defaultImports) {
    const bench = await openBench();
    try {
      await bench.install();
      const deployed = await deploy(bench, openReport());
      if (!deployed) return false;
      for (const [name, unpacked] of Object.entries(deployed.deployment.packages))
        print(await tableOf(name, unpacked, size));
      await deployed.close();
      return true;
    } finally {
      await bench.close();
    }
  },
};

async function tableOf(name: string, unpacked: Package, size: number): Promise<string> {
  const imports = [];
  for (let index = 0; index < size; index += 1) imports.push(await importCold(unpacked));
  return formatTable(`${name}, median of ${size} fresh processes`, [
    {
      what: "read by a cold start",
      measured: `${Math.round(unpacked.bundleBytes / 1000)} KB`,
      reach: reaches[name] ?? "",
    },
    { what: "with what is imported on first use", measured: `${Math.round(unpacked.allBytes / 1000)} KB` },
    { what: "zip", measured: `${Math.round(unpacked.zipBytes / 1000)} KB` },
    { what: "CPU of the cold import", measured: inMs(median(imports.map(({ cpuMs }) => cpuMs))) },
    {
      what: "peak resident memory",
      measured: inMb(median(imports.map(({ peakMemoryMb }) => peakMemoryMb * 1_048_576))),
    },
  ]);
}
