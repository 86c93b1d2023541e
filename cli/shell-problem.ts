import { TalariaError } from "../core/base/errors.ts";
import type { Settings } from "../core/base/settings.ts";
import { shells } from "../core/shells/index.ts";
import { warning, type Finding } from "./finding.ts";

const shellOf = async (name: string) => (Object.hasOwn(shells, name) ? shells[name]?.() : undefined);

/** Why a shell would refuse to start with these settings, as far as it can tell without asking anybody. */
export async function shellProblem(name: string, settings: Settings): Promise<string | undefined> {
  const shell = await shellOf(name);
  try {
    await shell?.summary(settings);
    return undefined;
  } catch (error) {
    if (error instanceof TalariaError) return error.message;
    throw error;
  }
}

/** What is to be known of a shell that would start. */
export async function shellWarnings(name: string, settings: Settings): Promise<Finding[]> {
  const heard = (await shellOf(name))?.warning?.(settings);
  return heard === undefined ? [] : [warning(`Shell: ${heard.text}`, heard.cure)];
}
