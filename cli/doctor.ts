/** `npm run doctor`: looks at this machine and at a deployment, changes nothing, and says what to do. */
import { existsSync } from "node:fs";
import { deploymentName, loadAgentConfig } from "./agent-config.ts";
import { quietMetadata } from "./aws-identity.ts";
import { print, printFindings, runCommand } from "./console.ts";
import { deployedFindings } from "./doctor/deployed.ts";
import { localFindings } from "./doctor/local.ts";
import { hasProblem, problem, type Finding } from "./finding.ts";
import { readOptions } from "./options.ts";
import { readOutputs } from "./sst-output.ts";

const usage = `npm run doctor                   checks this machine, and the deployment called production if this folder deployed it
npm run doctor -- --stage NAME   checks that deployment
A self-test turn asks the model two words. Exit code 1 says that there is a problem (✗).`;

async function doctor(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    print(usage);
    return 0;
  }
  const folder = process.cwd();
  quietMetadata(process.env);
  const environment = { ...process.env };
  const config = await loadAgentConfig(folder);
  const { stage } = options;
  const name = deploymentName(config, stage);
  const outputs = readOutputs(folder, config.name, stage);
  const findings: Finding[] = [];
  const report = (title: string, found: Finding[]) => {
    print(title);
    printFindings(found);
    findings.push(...found);
  };
  if (!options.isStageGiven) {
    // As npm start does. The deployment is looked at with the environment as it was: what .env has is for here.
    if (existsSync(".env")) process.loadEnvFile(".env");
    report("This machine:", await localFindings(config, process.env));
  }
  if (outputs)
    report(`\nDeployment ${name}:`, await deployedFindings({ folder, stage, config, environment, url: outputs.url }));
  else if (options.isStageGiven)
    report(`Deployment ${name}:`, [
      problem(
        "The last deploy from this folder was of another stage, or there was none",
        `npm run deploy -- --stage ${stage}`,
      ),
    ]);
  else print(`\nDeployment ${name}: none from this folder.`);
  return hasProblem(findings) ? 1 : 0;
}

runCommand(doctor);
