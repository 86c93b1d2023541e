/** `npm run talaria`: says something to the agent, as in its chat, and prints the answer. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { quietMetadata } from "./aws-identity.ts";
import { print, runCommand } from "./console.ts";
import { findTalariaAgent } from "./talaria/agent.ts";
import { exportAskedBy, exportSkill, type SkillExport } from "./talaria/export-skill.ts";
import { readTalariaOptions, saidBy, type TalariaOptions, usage } from "./talaria/options.ts";
import { sayOnce } from "./talaria/say-once.ts";
import { findSkills } from "./talaria/skills.ts";

async function talaria(): Promise<number> {
  const options = readTalariaOptions(process.argv.slice(2));
  const said = saidBy(options.words);
  if (options.help || said === undefined) {
    print(usage);
    return options.help ? 0 : 1;
  }
  quietMetadata(process.env);
  // As npm start does; what a deployment is reached with is not in it.
  if (options.stage === undefined && existsSync(".env")) process.loadEnvFile(".env");
  const asked = exportAskedBy(options.words);
  if (asked) return exportAsked(asked, options);
  const agent = await findTalariaAgent(options, process.env);
  try {
    await sayOnce(agent.wire, said, process.stdout);
    return 0;
  } finally {
    await agent.close();
  }
}

async function exportAsked({ name, into }: SkillExport, options: TalariaOptions): Promise<number> {
  // npm runs a script in the package's folder, wherever the person stands.
  const here = process.env["INIT_CWD"] ?? process.cwd();
  const skills = await findSkills(options, process.env);
  try {
    print(await exportSkill(skills.library, { name, into: resolve(here, into) }));
    return 0;
  } finally {
    await skills.close();
  }
}

runCommand(talaria);
