import { TalariaError } from "../core/base/errors.ts";
import type { Settings } from "../core/base/settings.ts";
import { shells } from "../core/shells/index.ts";

/** Why a shell would refuse to start with these settings, as far as it can tell without asking anybody. */
export async function shellProblem(name: string, settings: Settings): Promise<string | undefined> {
  const shell = Object.hasOwn(shells, name) ? await shells[name]?.() : undefined;
  try {
    await shell?.summary(settings);
    return undefined;
  } catch (error) {
    if (error instanceof TalariaError) return error.message;
    throw error;
  }
}
