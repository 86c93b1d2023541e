import { deepEqual, ok } from "node:assert/strict";
import { linkedSettings } from "../../../stacks/linked-settings.ts";
import { needs } from "../../../stacks/needs.ts";
import { secretNameOf } from "../../../stacks/secret-names.ts";
import { bundleTextOf } from "../harness/package.ts";
import type { Check } from "./check.ts";
import { functionNames } from "./functions.ts";
import { linksOf } from "../harness/links.ts";

export const secretChecks: Check[] = [
  {
    name: "no secret is in plain text in anything that AWS is told, or in the state of the deployment",
    run({ graph, secrets }) {
      for (const { urn, type, inputs, outputs, inState } of graph.resources) {
        const told = type.startsWith("aws:") ? JSON.stringify([inputs, outputs]) : "";
        const kept = JSON.stringify(inState);
        for (const [name, value] of Object.entries(secrets))
          ok(!told.includes(value) && !kept.includes(value), `${name} can be read in ${urn}`);
      }
    },
  },
  {
    name: "no secret is in plain text in a function's code",
    run({ packages, secrets }) {
      for (const name of functionNames) {
        const text = bundleTextOf(packages[name]);
        for (const [setting, value] of Object.entries(secrets)) ok(!text.includes(value), `${setting} is in ${name}`);
      }
    },
  },
  {
    name: "each function carries, encrypted, the settings of the members it uses, and no others",
    run({ packages, config, secrets }) {
      for (const name of functionNames) {
        const settings = linkedSettings(config, needs[name].linked).map((setting) => setting.name);
        const soul = name === "agent-step" && config.soul ? ["TALARIA_SOUL"] : [];
        const links = linksOf(packages[name]);
        deepEqual(Object.keys(links).sort(), [...settings, ...soul].map(secretNameOf).sort(), name);
        for (const setting of settings)
          if (setting in secrets) deepEqual(links[secretNameOf(setting)]?.value, secrets[setting]);
      }
    },
  },
];
