import { fatal } from "../../core/base/errors.ts";
import type { Settings } from "../../core/base/settings.ts";

/** A number from 0 on from the settings, or the default when it is not set. Throws a fatal error for anything else. */
export function numberOr(settings: Settings, name: string, otherwise: number): number {
  const number = Number(settings[name] || otherwise);
  if (number >= 0) return number;
  throw fatal(`${name} is “${settings[name]}”; it must be a number.`, { code: "deploy.environment" });
}

/** One of the values, the first of them when it is not set. Throws a fatal error for anything else. */
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
