import { ok } from "node:assert/strict";
import type { FunctionName } from "../../../stacks/needs.ts";
import { importCold } from "../harness/package.ts";
import type { Check } from "./check.ts";
import { functionNames } from "./functions.ts";

/**
 * What a cold start reads, in KB (1,024 bytes). Client libraries come on first use, and ingress and step sign their AWS calls
 * themselves (docs/adr/0006-a-lean-signer-for-the-ingress.md, 0007-what-goes-into-a-function.md).
 */
export const maxBundleKb: Record<FunctionName, number> = {
  webhooks: 200,
  "agent-step": 650,
  abandon: 550,
  schedule: 550,
  shell: 550,
  review: 650,
  curator: 550,
};

export const packageChecks: Check[] = [
  ...functionNames.map((name): Check => ({
    name: `${name} can be imported from its zip, with the environment of the graph and nothing else`,
    async run({ packages, coldImports }) {
      const cold = await importCold(packages[name]);
      coldImports[name] = cold;
      ok(cold.hasHandler, "the bundle has no handler");
    },
  })),
  {
    name: `no cold start reads more than it may: ${functionNames.map((name) => `${name} ${maxBundleKb[name]} KB`).join(", ")}`,
    run({ packages }) {
      for (const name of functionNames) {
        const kb = Math.round(packages[name].bundleBytes / 1024);
        ok(kb <= maxBundleKb[name], `${name} is ${kb} KB, and may be ${maxBundleKb[name]}`);
      }
    },
  },
];
