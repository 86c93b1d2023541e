import { stripTypeScriptTypes } from "node:module";

/**
 * TypeScript as a browser can run it: types become blanks, so lines and columns stay. Node warns that the function is
 * experimental, in the terminal of a person who can do nothing about it; the warning is left out.
 */
export function stripTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}
