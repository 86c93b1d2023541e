/**
 * `npm run deploy:check`: the real `sst` program deploys Talaria to an AWS account that is not there. The answers of
 * Pulumi's engine and of AWS are made up (tests/deploy/harness); the program, the bundles, the policies and the state
 * machine are the real ones, and are looked at closely. It needs no account and no network but the package registry.
 */
import { equal, match, notEqual, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import config from "../agent.config.ts";
import { defineAgent } from "../core/base/agent-config.ts";
import { componentNameOf } from "../stacks/names.ts";
import { allChecks } from "../tests/deploy/checks/all.ts";
import { breakages } from "../tests/deploy/checks/breakages.ts";
import { functionNames, lambdaOf } from "../tests/deploy/checks/functions.ts";
import { maxBundleKb } from "../tests/deploy/checks/packages.ts";
import { productionChecks } from "../tests/deploy/checks/production.ts";
import { ecsChecks, microvmChecks, ownImage, ownImageChecks } from "../tests/deploy/checks/shells.ts";
import { closePackagedCloud } from "../tests/deploy/checks/turn.ts";
import { deploy, setSecrets, succeed, type Deployed } from "../tests/deploy/deployment.ts";
import { functionTable } from "../tests/deploy/harness/function-table.ts";
import { linksOf } from "../tests/deploy/harness/links.ts";
import { madeUpSecrets } from "../tests/deploy/harness/secrets.ts";
import { bundleTextOf, unpack } from "../tests/deploy/harness/package.ts";
import { openReport, type Report } from "../tests/deploy/harness/report.ts";
import { openBench, type Bench } from "../tests/deploy/harness/workbench.ts";

async function installSst(bench: Bench, report: Report): Promise<boolean> {
  report.section("SST");
  return report.check("sst install has unpacked its platform", async () => {
    const result = await bench.install();
    if (result) await succeed(Promise.resolve(result));
  });
}

async function lookAt({ deployment }: Deployed, report: Report): Promise<void> {
  try {
    for (const [title, checks] of Object.entries(allChecks)) {
      report.section(title);
      for (const { name, run } of checks) await report.check(name, () => run(deployment));
    }
  } finally {
    await closePackagedCloud();
  }
}

/** With the repository's own agent.config.ts: it must be fit to be deployed, too. */
async function previewProduction(bench: Bench, report: Report): Promise<void> {
  report.section("Production");
  const { cli, graph } = bench.open("production");
  await report.check("the repository's own agent.config.ts can be previewed for production", async () => {
    await setSecrets(madeUpSecrets(config), cli);
    await succeed(cli("diff"));
  });
  for (const { name, run } of productionChecks) await report.check(name, () => run(graph()));
}

async function deployShells(bench: Bench, report: Report): Promise<void> {
  report.section("Shells in the cloud");
  const config = { platforms: ["telegram"], model: "bedrock", shell: "ecs" as const };
  const ecs = bench.open("ecs", { config });
  if (await report.check('a config with the shell "ecs" can be deployed', () => succeed(ecs.cli("deploy"))))
    for (const { name, run } of ecsChecks) await report.check(name, () => run(ecs.graph()));
  const own = bench.open("own-image", { config: { ...config, machine: { image: ownImage } } });
  if (await report.check("one with an image of the owner's, too", () => succeed(own.cli("deploy"))))
    for (const { name, run } of ownImageChecks) await report.check(name, () => run(own.graph()));
  const vm = bench.open("microvm", { config: { platforms: ["telegram"], model: "openai/scripted" } });
  if (!(await report.check("a config that names no shell can be deployed", () => succeed(vm.cli("deploy"))))) return;
  for (const { name, run } of microvmChecks) await report.check(name, () => run(vm.graph()));
  await report.check(`its agent-step reads no more at a cold start than ${maxBundleKb["agent-step"]} KB`, () => {
    const zip = vm.copy.zipOf(componentNameOf("agent-step"));
    const unpacked = unpack(zip, lambdaOf(vm.graph(), "agent-step"));
    unpacked.remove();
    const kb = Math.round(unpacked.bundleBytes / 1024);
    ok(kb <= maxBundleKb["agent-step"], `it is ${kb} KB`);
  });
}

/** One with an external memory, whose client library the others leave out. */
async function deployMemory(bench: Bench, report: Report): Promise<void> {
  report.section("An external memory");
  const given = defineAgent({ platforms: ["telegram"], model: "openai/scripted", externalMemory: "honcho" });
  const { cli, copy, graph } = bench.open("memory", { config: given });
  await setSecrets(madeUpSecrets(given), cli);
  if (!(await report.check("a config with an external memory can be deployed", () => succeed(cli("deploy"))))) return;
  for (const name of functionNames) {
    const unpacked = unpack(copy.zipOf(componentNameOf(name)), lambdaOf(graph(), name));
    const isUser = name === "agent-step" || name === "review";
    const size = `${name}, ${Math.round(unpacked.bundleBytes / 1024)} KB, has`;
    await report.check(`${size} its client and its key: ${isUser ? "yes" : "no"}`, () => {
      equal(bundleTextOf(unpacked).includes("HonchoError"), isUser);
      equal("HonchoApiKey" in linksOf(unpacked), isUser);
    });
    unpacked.remove();
  }
}

async function breakOnPurpose(bench: Bench, report: Report): Promise<void> {
  report.section("Broken on purpose");
  for (const [index, { name, copy, says }] of breakages.entries()) {
    await report.check(name, async () => {
      const { code, output } = await bench.open(`broken-${index}`, copy).cli("deploy");
      notEqual(code, 0, "it was deployed all the same");
      match(output, says);
    });
  }
}

/** SST has written the types of its globals and of what is linked by now. */
async function checkTypes({ folder }: Deployed, report: Report): Promise<void> {
  report.section("Types");
  await report.check("the stacks fit the types of SST and of AWS", () => {
    const compiler = join(folder, "node_modules", ".bin", "tsc");
    const { status, stdout } = spawnSync(compiler, ["--project", "stacks"], { cwd: folder, encoding: "utf8" });
    equal(status, 0, stdout);
  });
}

async function remove({ cli }: Deployed, report: Report): Promise<void> {
  report.section("Removal");
  await report.check("sst remove takes everything down again", async () => {
    match(await succeed(cli("remove")), /Removed/);
  });
}

async function checkEverything(bench: Bench, report: Report): Promise<void> {
  if (!(await installSst(bench, report))) return;
  report.section("Deployment");
  const deployed = await deploy(bench, report);
  if (!deployed) return;
  try {
    await lookAt(deployed, report);
    await checkTypes(deployed, report);
    await previewProduction(bench, report);
    await deployShells(bench, report);
    await deployMemory(bench, report);
    await breakOnPurpose(bench, report);
    await remove(deployed, report);
    console.log(`\n${functionTable(deployed.deployment)}`);
  } finally {
    await deployed.close();
  }
}

const report = openReport();
const bench = await openBench();
try {
  await checkEverything(bench, report);
} finally {
  await bench.close();
}
process.exitCode = report.finish() ? 0 : 1;
