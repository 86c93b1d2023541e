import { ok } from "node:assert/strict";
import type { FunctionName } from "../../../stacks/needs.ts";
import { importCold } from "../harness/package.ts";
import type { Check } from "./check.ts";
import { functionNames } from "./functions.ts";

/**
 * Bundles in KB (1,024 bytes), with one platform and one provider. Ingress and step have no SDK client but
 * the model's (docs/adr/0006-a-lean-signer-for-the-ingress.md).
 */
export const maxBundleKb: Record<FunctionName, number> = {
  webhooks: 650,
  "agent-step": 1200,
  abandon: 900,
  schedule: 900,
  shell: 1200,
  review: 1400,
  curator: 1400,
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
    name: `no bundle is larger than it may be: ${functionNames.map((name) => `${name} ${maxBundleKb[name]} KB`).join(", ")}`,
    run({ packages }) {
      for (const name of functionNames) {
        const kb = Math.round(packages[name].bundleBytes / 1024);
        ok(kb <= maxBundleKb[name], `${name} is ${kb} KB, and may be ${maxBundleKb[name]}`);
      }
    },
  },
];
