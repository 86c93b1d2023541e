import { unknownMark } from "./simple-command.ts";

const special: Readonly<Record<string, string>> = { HOME: "~", IFS: " ", "0": "sh" };

/** The value of a variable; of the home folder the sign for it; else the mark of what nobody knows. */
export function valueOf(name: string, environment: Map<string, string>): string {
  return environment.get(name) ?? special[name] ?? unknownMark;
}

/** What stands between `${` and `}`. `expand` reads the text of a default value. */
export function parameter(body: string, environment: Map<string, string>, expand: (text: string) => string): string {
  const match = /^(!?)([A-Za-z_]\w*|\d+|[@*?#$!-])(?:\[[^\]]{0,20}\])?([\s\S]*)$/.exec(body);
  if (!match) return unknownMark;
  const [, indirect, given = "", rest = ""] = match;
  const name = indirect ? valueOf(given, environment) : given;
  const value = valueOf(name, environment);
  const other = /^:?([-=+])([\s\S]*)$/.exec(rest);
  if (other) {
    const isSet = value !== unknownMark;
    if (other[1] === "+") {
      const whenSet = expand(other[2] ?? "");
      return isSet ? whenSet : "";
    }
    return isSet && value !== "" ? value : expand(other[2] ?? "");
  }
  return changed(value, rest);
}

function changed(value: string, rest: string): string {
  const part = /^:\s?(-?\d{1,6})(?::(\d{1,6}))?$/.exec(rest);
  if (part) {
    const from = Number(part[1]);
    return value.slice(from).slice(0, part[2] === undefined ? undefined : Number(part[2]));
  }
  const swap = /^(\/\/?)([^/]+)(?:\/([\s\S]*))?$/.exec(rest);
  if (swap) {
    const [, how, from = "", to = ""] = swap;
    return how === "//" ? value.replaceAll(from, () => to) : value.replace(from, () => to);
  }
  if (rest.startsWith(",")) return value.toLowerCase();
  return rest.startsWith("^") ? value.toUpperCase() : value;
}
