import { refused } from "./errors.ts";
import type { Settings } from "./settings.ts";

/** Variables that belong to the shell, or that change which program runs or what it loads. */
const reserved = new RegExp(
  `^(?:${[
    "_.*|TALARIA_.*|AWS_.*|SST_.*|LAMBDA_.*|BASH.*|LD_.*|DYLD_.*",
    "PATH|HOME|IFS|ENV|SHELL|SHELLOPTS|PWD|OLDPWD|CDPATH|SHLVL|UID|EUID|PPID|GROUPS|PS[0-4]|PROMPT_COMMAND",
    "NODE_OPTIONS|NODE_PATH|PYTHONPATH|PYTHONSTARTUP|PYTHONHOME|PERL5LIB|PERL5OPT|RUBYLIB|RUBYOPT",
  ].join("|")})$`,
);

/** Why commands may not be handed this variable, in half a sentence; `undefined` when they may. */
export function problemOfPassed(name: string): string | undefined {
  if (!/^[A-Z_][A-Z0-9_]{0,63}$/.test(name))
    return `“${name}” is no name of a variable: upper-case letters, digits and underscores, a letter first`;
  return reserved.test(name) ? `“${name}” is the shell's or Talaria's own, or decides what programs do` : undefined;
}

/** A variable that commands find in their environment. */
export interface PassedVariable {
  name: string;
  value: string;
}

/** Those that TALARIA_PASSTHROUGH names. Throws a refused error for a name that may not be among them. */
export function passedNames(settings: Settings): string[] {
  const names = (settings["TALARIA_PASSTHROUGH"] ?? "").split(",").map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ""))];
  const problems = given.flatMap((name) => problemOfPassed(name) ?? []);
  if (problems.length === 0) return given;
  throw refused(`TALARIA_PASSTHROUGH: ${problems.join("; ")}.`, { code: "config.passthrough" });
}

/** The same with their values; one that has none is not passed. */
export const passedVariables = (settings: Settings): PassedVariable[] =>
  passedNames(settings).flatMap((name) => {
    const value = settings[name];
    return value ? [{ name, value }] : [];
  });
