import { fatal } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";
import type { GuardSettings } from "../../core/turn/permissions.ts";

export function oneOf<Value extends string>(
  settings: Settings,
  name: string,
  [first, ...others]: readonly [Value, ...Value[]],
) {
  const given = settings[name] || first;
  const known = [first, ...others].find((value) => value === given);
  if (known !== undefined) return known;
  throw fatal(`${name} is “${given}”; it must be one of: ${[first, ...others].join(", ")}.`, {
    code: "deploy.environment",
  });
}

/** How commands are guarded, as `agent.config.ts` says. */
export const guardSettings = (settings: Settings): GuardSettings => ({
  mode: oneOf(settings, "TALARIA_APPROVALS", ["smart", "manual", "off"]),
  outward: oneOf(settings, "TALARIA_APPROVE_OUTWARD", ["allow", "ask"]),
  denied: (settings["TALARIA_DENIED_COMMANDS"] ?? "").split("\n").filter((glob) => glob.trim() !== ""),
  policy: settings["TALARIA_APPROVAL_POLICY"],
});
