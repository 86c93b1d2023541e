import { refused, TalariaError } from "../../core/base/errors.ts";
import type { SkillStore } from "../../core/skills/library.ts";
import { runningCloud, type RunningCloud } from "../../local/cloud-file.ts";
import { applyToProcess } from "../../local/cloud/aws-environment.ts";
import { startInstance } from "../../local/instance.ts";
import { readOptions } from "../../local/options.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { deploymentName, loadAgentConfig } from "../agent-config.ts";
import { workIn } from "../aws-identity.ts";
import { openProfileSkills } from "../profile-skills.ts";
import { readOutputs } from "../sst-output.ts";
import type { TalariaOptions } from "./options.ts";

export interface ReachedSkills {
  library: SkillStore;
  close(): Promise<void>;
}

/** The skills of an agent, straight from its store: a chat has no way for files. */
export const findSkills = (
  { stage }: Pick<TalariaOptions, "stage">,
  environment: NodeJS.ProcessEnv,
): Promise<ReachedSkills> => (stage === undefined ? localSkills(environment) : deployedSkills(stage, environment));

async function localSkills(environment: NodeJS.ProcessEnv): Promise<ReachedSkills> {
  const { dataFolder } = readOptions([], environment);
  const own = await startInstance({ dataFolder, port: 0 }).catch((error: unknown) => {
    if (error instanceof TalariaError && error.code === "cloud.folder-in-use") return undefined;
    throw error;
  });
  if (own) {
    await own.seeded;
    const profile = own.environment["TALARIA_PROFILE"] || "main";
    return { library: skillsIn({ awsEnvironment: own.cloud.awsEnvironment, profile }), close: () => own.close() };
  }
  const running = runningCloud(dataFolder);
  if (!running) throw refused(`The agent that runs in ${dataFolder} is not ready yet: try again in a moment.`);
  const restore = applyToProcess(running.awsEnvironment);
  return { library: skillsIn(running), close: async () => restore() };
}

const skillsIn = ({ awsEnvironment, profile }: RunningCloud): SkillStore =>
  openProfileSkills(
    {
      table: String(awsEnvironment[resourceEnvironment.table]),
      bucket: String(awsEnvironment[resourceEnvironment.bucket]),
      profile,
    },
    "person",
  );

/** With the credentials of whoever deploys: nobody else may read the bucket. */
async function deployedSkills(stage: string, environment: NodeJS.ProcessEnv): Promise<ReachedSkills> {
  const folder = process.cwd();
  const config = await loadAgentConfig(folder);
  const storage = readOutputs(folder, config.name, stage)?.storage;
  if (!storage)
    throw refused(
      `The last deploy from this folder was not of ${deploymentName(config, stage)}: npm run deploy -- --stage ${stage}.`,
    );
  workIn(config.region, environment);
  return { library: openProfileSkills({ ...storage, profile: config.profile }, "person"), close: async () => {} };
}
