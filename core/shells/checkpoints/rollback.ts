import { codeBlock } from "../../base/code-block.ts";
import { redact } from "../../guard/redact.ts";
import type { Workspace } from "../shell.ts";
import {
  type Answer,
  type Checkpoint,
  diffCheckpoint,
  doneBefore,
  lastRollback,
  listCheckpoints,
  restoreCheckpoint,
  rollbackKey,
} from "./look.ts";
import { maxAgeDays, maxCheckpoints } from "./store.ts";

/** Of a diff, what fits in a message. */
const maxDiffChars = 6_000;

const usage =
  "`/rollback` lists the checkpoints, `/rollback diff 2` shows what changed since the second, `/rollback 2` goes back to it.";

/** The answer to `/rollback [n | diff n]`, in Markdown. `key` names the message: answering it again does nothing twice. */
export async function rollbackText(workspace: Workspace, args: string, key: string): Promise<string> {
  const [, diff, wanted] = /^(diff\s+)?(\d{1,8})$/.exec(args.trim()) ?? [];
  if (args.trim() !== "" && wanted === undefined) return usage;
  const list = await listCheckpoints(workspace);
  if (list.status !== "done") return failure(list);
  if (wanted === undefined) return listText(list.value);
  if (diff === undefined) return rollBack(workspace, { list: list.value, wanted, key: rollbackKey(key) });
  const chosen = list.value[Number(wanted) - 1];
  return chosen === undefined ? missing(wanted, list.value) : changed(workspace, chosen);
}

const missing = (wanted: string, list: readonly Checkpoint[]): string =>
  `There is no checkpoint ${wanted}. ${listText(list)}`;

interface Wanted {
  list: readonly Checkpoint[];
  /** Its number in the list. */
  wanted: string;
  key: string;
}

/** The numbers change with each rollback: one that was begun before by the same message is found by its checkpoint. */
async function rollBack(workspace: Workspace, { list, wanted, key }: Wanted): Promise<string> {
  const last = await lastRollback(workspace);
  const begun = last?.key === key ? last : undefined;
  if (begun?.isDone) return already;
  const chosen = begun ? list.find(({ id }) => id === begun.id) : list[Number(wanted) - 1];
  return chosen === undefined ? missing(wanted, list) : restored(workspace, chosen, key);
}

const already = "That was done already. `/rollback` lists what there is, and the first undoes it.";

function listText(list: readonly Checkpoint[]): string {
  if (list.length === 0)
    return "There is no checkpoint yet. One is made before the first change of a turn to your files.";
  const lines = list.map(
    ({ at, label, folder }, index) => `${index + 1}. ${timeOf(at)}, before ${code(label)} in ${code(folder)}`,
  );
  return [...lines, "", usage, `The last ${maxCheckpoints} are kept, for ${maxAgeDays} days.`].join("\n");
}

async function changed(workspace: Workspace, chosen: Checkpoint): Promise<string> {
  const answer = await diffCheckpoint(workspace, chosen);
  if (answer.status !== "done") return failure(answer);
  const text = redact(answer.value.trimEnd());
  if (text === "") return `Nothing changed in ${code(chosen.folder)} since ${timeOf(chosen.at)}.`;
  const cut = text.length > maxDiffChars ? `${text.slice(0, maxDiffChars)}\n[… cut]` : text;
  return `Changed in ${code(chosen.folder)} since ${timeOf(chosen.at)}:\n${codeBlock(cut, "diff")}`;
}

async function restored(workspace: Workspace, chosen: Checkpoint, key: string): Promise<string> {
  const answer = await restoreCheckpoint(workspace, chosen, key);
  if (answer.status !== "done") return failure(answer);
  const text = answer.value;
  if (text === doneBefore) return already;
  if (text === "") return `${code(chosen.folder)} is as it was at ${timeOf(chosen.at)} already.`;
  const cut = text.length > maxDiffChars ? `${text.slice(0, maxDiffChars)}\n[… cut]` : text;
  return `${code(chosen.folder)} is as it was at ${timeOf(chosen.at)}, before ${code(chosen.label)}:\n${codeBlock(cut)}\n\`/rollback 1\` undoes this.`;
}

const failure = (answer: Exclude<Answer<unknown>, { status: "done" }>): string =>
  answer.status === "off"
    ? "There are no checkpoints: the shell has no git."
    : `That did not work: ${answer.reason}. Nothing is lost: /rollback lists what there is.`;

const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;
