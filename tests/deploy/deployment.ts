/** The deployment that is looked at: every part that a config can switch on is on. */
import { equal, match, notEqual } from "node:assert/strict";
import type * as z from "zod";
import { defineAgent, type agentConfigSchema } from "../../core/base/agent-config.ts";
import { componentNameOf } from "../../stacks/names.ts";
import type { FunctionName } from "../../stacks/needs.ts";
import { secretNameOf } from "../../stacks/secret-names.ts";
import { startModelServer } from "../fakes/model-server.ts";
import { startFakeTelegram } from "../fakes/platform-telegram.ts";
import type { Deployment } from "./checks/check.ts";
import { functionNames, lambdaOf } from "./checks/functions.ts";
import { person, scriptedBrain } from "./checks/turn.ts";
import type { Cli } from "./harness/cli.ts";
import type { Graph } from "./harness/graph.ts";
import { unpack, type Package } from "./harness/package.ts";
import type { Report } from "./harness/report.ts";
import { madeUpSecrets } from "./harness/secrets.ts";
import type { Bench } from "./harness/workbench.ts";
import type { WorkingCopy } from "./harness/working-copy.ts";

const config: z.input<typeof agentConfigSchema> = {
  platforms: ["telegram"],
  // Without machines, so that its turns run a command here; scripts/deploy-check.ts deploys the others.
  shell: "local",
  model: "openai/scripted",
  allowedUsers: [`telegram:${person}`],
  soul: "You are the agent of a check.",
  // One whose words a secret's name would not give back.
  passthrough: ["X_API_KEY"],
  alarms: { email: "operator@example.com", monthlyBudgetUsd: 10 },
};

export interface Deployed {
  deployment: Deployment;
  cli: Cli;
  folder: string;
  close(): Promise<void>;
}

/** Sets the secrets, previews, deploys. `undefined` when a command failed, which the report then says. */
export async function deploy(bench: Bench, report: Report): Promise<Deployed | undefined> {
  const [telegram, model] = await Promise.all([startFakeTelegram(), startModelServer(scriptedBrain)]);
  const { copy, cli, graph } = bench.open("check", { config });
  const agent = defineAgent(config);
  const optional = { TELEGRAM_API_ROOT: telegram.url, OPENAI_API_KEY: "made-up-key", OPENAI_BASE_URL: model.openaiUrl };
  const secrets = { ...madeUpSecrets(agent), ...optional };
  let output = "";
  const close = async () => void (await Promise.all([telegram.close(), model.close()]));

  await report.check("a required secret without a value stops the deploy with its name", async () => {
    const refusal = await cli("deploy");
    notEqual(refusal.code, 0, "it was deployed all the same");
    match(refusal.output, /Set a value for TelegramBotToken/);
  });
  const isDeployed =
    (await report.check("sst secret set takes every setting", () => setSecrets(secrets, cli))) &&
    (await report.check("sst diff previews the deployment", () => succeed(cli("diff")))) &&
    (await report.check("sst deploy deploys it", async () => {
      output = await succeed(cli("deploy"));
    }));
  if (!isDeployed) {
    await close();
    return undefined;
  }
  const deployed = graph();
  const deployment: Deployment = {
    graph: deployed,
    config: agent,
    packages: unpackAll(deployed, copy),
    coldImports: {},
    secrets,
    unknownCalls: bench.account.unknownCalls,
    output,
    telegram,
    model,
  };
  return {
    deployment,
    cli,
    folder: copy.folder,
    async close() {
      for (const unpacked of Object.values(deployment.packages)) unpacked.remove();
      await close();
    },
  };
}

/** For every stage of the stand-in account. */
export async function setSecrets(secrets: Record<string, string>, cli: Cli): Promise<void> {
  for (const [name, value] of Object.entries(secrets))
    await succeed(cli("secret", "set", secretNameOf(name), value, "--fallback"));
}

/** @throws with the command's last words when it failed */
export async function succeed(command: ReturnType<Cli>): Promise<string> {
  const { code, output } = await command;
  equal(code, 0, `the command failed:\n${output.trim().split("\n").slice(-15).join("\n")}`);
  return output;
}

function unpackAll(graph: Graph, copy: WorkingCopy): Record<FunctionName, Package> {
  const packages = functionNames.map((name) => [
    name,
    unpack(copy.zipOf(componentNameOf(name)), lambdaOf(graph, name)),
  ]);
  return Object.fromEntries(packages) as Record<FunctionName, Package>;
}
