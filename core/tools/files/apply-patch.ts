import { posix } from "node:path";
import type { Json } from "../../base/json.ts";
import { redact } from "../../guard/redact.ts";
import type { ToolContext } from "../tool.ts";
import { applyHunks } from "./apply-hunks.ts";
import { beforeWriting } from "./before-writing.ts";
import { maskError, maskIn } from "./masks.ts";
import { readWhole } from "./read-whole.ts";
import { removeFile, replaceFile } from "./replace-file.ts";
import { unifiedDiff } from "./unified-diff.ts";
import { parsePatch, type FileChange } from "./v4a.ts";

const maxFiles = 100;

/** What a file was before the patch and is after it; `undefined` where it is not there. */
interface FileState {
  before: string | undefined;
  after: string | undefined;
  movedFrom?: string;
}

type Failure = { error: string; nearest?: string[] };

/** Every path that a patch names, for the order of calls. */
export function pathsOf(text: string): string[] {
  const parsed = parsePatch(text);
  if ("error" in parsed) return [];
  return parsed.changes.flatMap((change) =>
    change.kind === "update" && change.moveTo !== undefined ? [change.path, change.moveTo] : [change.path],
  );
}

/** Applies a patch of several files: everything is read and tried before the first file is written. */
export async function applyPatch(context: ToolContext, text: string): Promise<Json> {
  const parsed = parsePatch(text);
  if ("error" in parsed) return parsed;
  if (parsed.changes.length > maxFiles) return { error: `A patch changes at most ${maxFiles} files.` };
  const files = new Map<string, FileState>();
  const notes: string[] = [];
  for (const change of parsed.changes) {
    const failure = await plan(context, change, { files, notes });
    if (failure !== undefined) return { ...failure, error: `${failure.error} No file was changed.` };
  }
  const changed = [...files].filter(([, { before, after }]) => before !== after);
  const before = await beforeWriting(
    context,
    "patch",
    changed.map(([path]) => path),
  );
  if ("error" in before) return { error: `${before.error} No file was changed.` };
  const error = await write(context, changed);
  if (error !== undefined) return error;
  return { ...report(changed), ...(notes.length > 0 && { notes }), ...before.told };
}

/** What happened to each file; the one that a file was moved from is told with it. */
function report(changed: readonly [string, FileState][]): { [name: string]: Json } {
  const states = new Map(changed);
  const sources = new Set(changed.map(([, { movedFrom }]) => movedFrom));
  const shown = changed.filter(([path]) => !sources.has(path));
  const diffs = shown.map(([path, { before, after, movedFrom = path }]) =>
    unifiedDiff(path, before ?? states.get(movedFrom)?.before ?? "", after ?? ""),
  );
  return { files: shown.map(([path, state]) => ({ path, ...actionOf(state) })), diff: redact(diffs.join("\n")) };
}

function actionOf({ before, after, movedFrom }: FileState): { [name: string]: Json } {
  if (movedFrom !== undefined) return { action: "moved", from: movedFrom };
  if (before === undefined) return { action: "added" };
  return { action: after === undefined ? "deleted" : "updated" };
}

interface Plan {
  files: Map<string, FileState>;
  notes: string[];
}

/** Adds one section to what is planned. A later section sees what the earlier ones make of a file. */
async function plan(context: ToolContext, change: FileChange, { files, notes }: Plan): Promise<Failure | undefined> {
  const file = await stateOf(context, change.path, files);
  if ("error" in file) return file;
  if (change.kind === "add") {
    if (file.after !== undefined) return { error: `${change.path} exists already: use *** Update File.` };
    file.after = change.text;
    return undefined;
  }
  const text = file.after;
  if (text === undefined) return { error: `${change.path} does not exist.` };
  if (change.kind === "delete") {
    file.after = undefined;
    return undefined;
  }
  const mask = change.hunks.flatMap(({ edits }) => maskIn(edits.map(({ line }) => line).join("\n"), text) ?? [])[0];
  if (mask !== undefined) return maskError(mask, change.path);
  const applied = applyHunks(text, change.hunks);
  if ("error" in applied) return { ...applied, ...(applied.nearest && { nearest: applied.nearest.map(redact) }) };
  notes.push(...applied.notes);
  if (change.moveTo === undefined || posix.normalize(change.moveTo) === posix.normalize(change.path)) {
    file.after = applied.text;
    return undefined;
  }
  return move(context, change.moveTo, { from: change.path, text: applied.text, files });
}

async function move(
  context: ToolContext,
  path: string,
  { from, text, files }: { from: string; text: string; files: Map<string, FileState> },
): Promise<Failure | undefined> {
  const [source, target] = [await stateOf(context, from, files), await stateOf(context, path, files)];
  if ("error" in source) return source;
  if ("error" in target) return target;
  if (target.after !== undefined) return { error: `${path} exists already, so ${from} is not moved there.` };
  source.after = undefined;
  target.after = text;
  target.movedFrom = posix.normalize(from);
  return undefined;
}

async function stateOf(
  context: ToolContext,
  path: string,
  files: Map<string, FileState>,
): Promise<FileState | { error: string }> {
  const name = posix.normalize(path);
  const known = files.get(name);
  if (known !== undefined) return known;
  const read = await readWhole(context, path);
  if ("error" in read && read.isMissing !== true) return { error: read.error };
  const text = "text" in read ? read.text : undefined;
  const state: FileState = { before: text, after: text };
  files.set(name, state);
  return state;
}

/** New contents first, so that a failure half-way has removed nothing. */
async function write(
  context: ToolContext,
  changed: readonly [string, FileState][],
): Promise<{ error: string } | undefined> {
  const done: string[] = [];
  const ordered = changed.toSorted(([, a], [, b]) => Number(a.after === undefined) - Number(b.after === undefined));
  for (const [path, { after, movedFrom }] of ordered) {
    const outcome =
      after === undefined
        ? await removeFile(context, path)
        : await replaceFile(context, path, after, { movedFrom: movedFrom ?? path });
    if (outcome !== undefined && "error" in outcome) {
      return { error: `${outcome.error} Changed before that: ${done.join(", ") || "nothing"}.` };
    }
    done.push(path);
  }
  return undefined;
}
