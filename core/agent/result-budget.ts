import type { ToolMessage } from "../conversation/message.ts";

/** Characters of one result, and of all results of one step, that the model is sent (as in Hermes Agent). */
export const maxResultLength = 100_000;
export const maxStepLength = 200_000;
const previewLength = 1_500;

export interface Spill {
  /** Results of these tools are never spilled: reading them back would be the same call again. */
  keepsWhole(toolName: string): boolean;
  /** Saves a text where the model can read it with its file tools; returns the path. */
  save(callId: string, text: string): Promise<string>;
}

/** Without a path where the workspace could not take the text (a full disk): the call did run, and the model must know. */
const preview = (content: string, path: string | undefined): string =>
  JSON.stringify({
    note: `The result has ${content.length} characters, too many to show. ${path ? `All of it is in ${path}; read the part you need.` : "The rest could not be saved in the workspace."}`,
    ...(path && { full_output_path: path }),
    preview: content.slice(0, previewLength),
  });

/** Moves what is too large into files, the largest first, until one step's results fit together. */
export async function withinBudget(results: readonly ToolMessage[], spill: Spill): Promise<ToolMessage[]> {
  const fitted = [...results];
  const total = () => fitted.reduce((sum, result) => sum + result.content.length, 0);
  const candidates = results
    .map((result, index) => ({ result, index }))
    .filter(({ result }) => !spill.keepsWhole(result.name) && result.content.length > previewLength * 2)
    .sort((a, b) => b.result.content.length - a.result.content.length);
  for (const { result, index } of candidates) {
    if (result.content.length <= maxResultLength && total() <= maxStepLength) break;
    const path = await spill.save(result.callId, result.content).catch(() => undefined);
    fitted[index] = { ...result, content: preview(result.content, path) };
  }
  return fitted;
}
