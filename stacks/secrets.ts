/**
 * Every setting of the platforms that are on, of the model's provider, of the shell and of the external memory is an SST secret, the public ones
 * too, and so is every variable that is passed to commands: that is where an operator sets a value for a stage. A
 * required one has no placeholder, so an unset one stops the deploy with its name.
 */
import config from "../agent.config.ts";
import type { FunctionName } from "./needs.ts";
import { needs } from "./needs.ts";
import { secretNameOf, unsetSecret } from "./secret-names.ts";
import { linkedSettings, memberKinds } from "./linked-settings.ts";

const secrets = new Map(
  linkedSettings(config, memberKinds).map(({ name, required }) => [
    name,
    required ? new sst.Secret(secretNameOf(name)) : new sst.Secret(secretNameOf(name), unsetSecret),
  ]),
);

/** A character can be longer than all of a Lambda's environment may be (4 KB): it travels like a secret. */
const soul = config.soul ? [new sst.Secret("TalariaSoul", config.soul)] : [];

export const secretsOf = (name: FunctionName) => [
  ...linkedSettings(config, needs[name].linked).flatMap((setting) => secrets.get(setting.name) ?? []),
  ...(name === "agent-step" ? soul : []),
];
