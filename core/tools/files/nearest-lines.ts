import { nearNames } from "./near-names.ts";

const maxLines = 3;
const maxLineChars = 200;
/** Lines compared with the wanted one; a longer file is looked at from its beginning. */
const maxCompared = 5_000;

/** The lines of a file most like the first wanted one, as "number: text", to show what the model misremembered. */
export function nearestLines(text: string, wanted: string): string[] {
  const first =
    wanted
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? "";
  const lines = text
    .split("\n")
    .slice(0, maxCompared)
    .map((line) => line.slice(0, maxLineChars));
  const unique = [...new Set(lines.map((line) => line.trim()))];
  return nearNames(first.slice(0, maxLineChars), unique, maxLines).map((near) => {
    const at = lines.findIndex((line) => line.trim() === near);
    return `${at + 1}: ${lines[at] ?? near}`;
  });
}
