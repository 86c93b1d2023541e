import { posix } from "node:path";
import { checkpoint } from "../../shells/checkpoints/checkpoint.ts";
import type { ToolContext } from "../tool.ts";
import { writeError } from "./write-check.ts";

/** Folders of one patch that are looked at for a checkpoint; most lie in one project anyway. */
const maxFolders = 10;

/**
 * What comes before a tool's first write: the paths are allowed, and what their folders hold can be brought back.
 * `told` belongs into the result: why there is no checkpoint, said once.
 */
export async function beforeWriting(
  context: ToolContext,
  label: string,
  paths: readonly string[],
): Promise<{ error: string } | { told: { checkpoint?: string } }> {
  const error = await writeError(context, paths);
  if (error !== undefined) return error;
  const workspace = await context.workspace();
  const byFolder = new Map(paths.map((path) => [posix.dirname(path), path]));
  const notes: string[] = [];
  for (const path of [...byFolder.values()].slice(0, maxFolders)) {
    const turn = { session: context.session, turnKey: context.turn, label: `${label} ${path}`, path };
    const note = await checkpoint(workspace, { ...turn, signal: context.signal });
    if (note !== undefined) notes.push(note);
  }
  return { told: notes.length === 0 ? {} : { checkpoint: notes.join(" ") } };
}
