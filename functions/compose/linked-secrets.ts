import { Resource } from "sst/resource";
import type { Settings } from "../../core/base/settings.ts";
import { settingNameOf, unsetSecret } from "../../stacks/secret-names.ts";

/** An SST secret among a function's links; other links have other members. */
const secretIn = (link: unknown): string | undefined => {
  const { type, value } = (link ?? {}) as { type?: unknown; value?: unknown };
  return type === "sst.sst.Secret" && typeof value === "string" ? value : undefined;
};

/** Secrets that deployment linked to this function, by setting name: they come encrypted beside the code, never in the environment. */
export function linkedSecrets(): Settings {
  const links: [name: string, link: unknown][] = Object.entries(Resource);
  const secrets = links.flatMap(([name, link]) => {
    const value = secretIn(link);
    return value === undefined || value === unsetSecret ? [] : [[settingNameOf(name), value] as const];
  });
  return Object.fromEntries(secrets);
}
