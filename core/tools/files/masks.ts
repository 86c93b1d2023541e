import { redact } from "../../guard/redact.ts";

/** As core/guard/redact.ts masks: a long secret keeps its ends, a short one nothing. */
const maskPattern = /\S{6}…\S{4}|\S{0,8}\*\*\*/g;
const maxMasks = 1_000;

/**
 * What was shown of a file in place of a secret, and now comes back in a text for that file: written, it would replace
 * the secret. `undefined` when there is none.
 */
export function maskIn(written: string, text: string): string | undefined {
  if (!/…|\*\*\*/.test(written)) return undefined;
  const shown = redact(text);
  if (shown === text) return undefined;
  const masks = new Set([...shown.matchAll(maskPattern)].slice(0, maxMasks).map(([mask]) => mask));
  return [...masks].find((mask) => written.includes(mask) && !text.includes(mask));
}

export const maskError = (mask: string, path: string): { error: string } => ({
  error: `"${mask}" stands for a secret of ${path} that you are not shown, so nothing was changed. Patch lines without it, or use sed for a line with it.`,
});
