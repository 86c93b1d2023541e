import { posix } from "node:path";
import { refused } from "../base/errors.ts";

/** One word of a bash script that stands for exactly this text: no character in it is special. */
export function quote(text: string): string {
  if (text.includes("\0")) throw refused("A command or a path cannot contain the NUL character.");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A path as the model gives it, as one word of a script: `~` is the home, `..` stands only at the beginning. */
export function pathWord(path: string): string {
  if (path === "~" || path === "~/") return `"$HOME"`;
  if (path.startsWith("~/")) return `"$HOME"/${quote(posix.normalize(path.slice(2)))}`;
  const normal = posix.normalize(path);
  // A leading hyphen would be an option.
  return quote(normal.startsWith("-") ? `./${normal}` : normal);
}
