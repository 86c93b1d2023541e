import type { Settings } from "../../core/base/settings.ts";
import type { GuardSettings } from "../../core/turn/permissions.ts";
import { oneOf } from "./setting-values.ts";

/** How commands are guarded, as `agent.config.ts` says. */
export const guardSettings = (settings: Settings): GuardSettings => ({
  mode: oneOf(settings, "TALARIA_APPROVALS", ["smart", "manual", "off"]),
  outward: oneOf(settings, "TALARIA_APPROVE_OUTWARD", ["allow", "ask"]),
  denied: (settings["TALARIA_DENIED_COMMANDS"] ?? "").split("\n").filter((glob) => glob.trim() !== ""),
  policy: settings["TALARIA_APPROVAL_POLICY"],
});
