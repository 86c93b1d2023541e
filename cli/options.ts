import { parseCommandLine } from "../core/base/command-line.ts";
import { refused } from "../core/base/errors.ts";

export interface Options {
  /** The SST stage: a deployment of its own, with its own data and secrets. */
  stage: string;
  /** Whether the person named the stage. */
  isStageGiven: boolean;
  /** `--yes`: questions are answered yes; `remove` wants the deployment's name after it. */
  yes: string | undefined;
  help: boolean;
}

/**
 * `production` keeps its data when it is removed (sst.config.ts), which is what a person's own agent should do; other
 * stages are for trying things out.
 */
const defaultStage = "production";

/** `isYesNamed`: `--yes` takes a value. */
export function readOptions(argv: readonly string[], { isYesNamed = false } = {}): Options {
  const yes = isYesNamed ? ({ type: "string" } as const) : ({ type: "boolean" } as const);
  const { values } = parseCommandLine({
    args: [...argv],
    options: { stage: { type: "string" }, yes, help: { type: "boolean", short: "h" } },
  });
  const stage = values.stage ?? defaultStage;
  // SST's own rule.
  if (!/^[a-zA-Z][a-zA-Z0-9-]*$/.test(stage))
    throw refused(`--stage is “${stage}”; it must be letters, digits and hyphens, a letter first.`);
  return {
    stage,
    isStageGiven: values.stage !== undefined,
    yes: values.yes === undefined ? undefined : String(values.yes),
    help: values.help ?? false,
  };
}
