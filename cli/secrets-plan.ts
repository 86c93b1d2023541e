import { randomBytes } from "node:crypto";
import type { Settings } from "../core/base/settings.ts";
import type { MemberSetting } from "./member-settings.ts";

const token = () => randomBytes(24).toString("base64url");

/** Secrets that nobody has to choose: between us and a client or platform that is told them. */
const makers: Readonly<Record<string, () => string>> = {
  TALARIA_WEB_TOKEN: token,
  TALARIA_WEBHOOK_SECRET: () => `whsec_${randomBytes(32).toString("base64")}`,
  TELEGRAM_WEBHOOK_SECRET: token,
  WHATSAPP_VERIFY_TOKEN: token,
};

/** What is to be done so that every required secret of a stage has a value. Values by setting name; never print them. */
export interface SecretsPlan {
  /** Unset, with a value in `.env`: set once the person agreed. */
  offered: Record<string, string>;
  /** Unset, and made here. */
  made: Record<string, string>;
  /** Required, unset, and nowhere to be had. */
  missing: MemberSetting[];
  /** Required names among the offered ones. */
  requiredOffered: string[];
}

/** `stored`: what the stage has, by setting name. A secret that is set is never changed. */
export function planSecrets(wanted: readonly MemberSetting[], stored: Settings, dotEnv: Settings): SecretsPlan {
  const unset = wanted.filter(({ name }) => !stored[name]);
  const plan: SecretsPlan = { offered: {}, made: {}, missing: [], requiredOffered: [] };
  for (const setting of unset) {
    const { name, required } = setting;
    const inFile = dotEnv[name];
    const make = makers[name];
    if (inFile) plan.offered[name] = inFile;
    else if (required && make) plan.made[name] = make();
    else if (required) plan.missing.push(setting);
    if (inFile && required) plan.requiredOffered.push(name);
  }
  return plan;
}
