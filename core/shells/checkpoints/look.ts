import { createHash, randomUUID } from "node:crypto";
import { redact } from "../../guard/redact.ts";
import { quote } from "../quote.ts";
import type { Workspace } from "../shell.ts";
import { whereGitIs } from "./store.ts";

const timeoutMs = 60_000;

export interface Checkpoint {
  /** Of eight digits; rises. */
  id: string;
  /** Milliseconds since 1970, by the workspace's clock. */
  at: number;
  /** What was about to happen. */
  label: string;
  folder: string;
  turn: string;
}

/** `off`: there is no git in this shell, so there are no checkpoints. */
export type Answer<Value> = { status: "done"; value: Value } | { status: "off" } | { status: "failed"; reason: string };

/** Newest first. */
export async function listCheckpoints(workspace: Workspace): Promise<Answer<Checkpoint[]>> {
  const mark = `talaria-${randomUUID()}`;
  const format = `%(refname:lstrip=2) %(committerdate:unix)%0a%(contents)${mark}`;
  const answer = await ask(workspace, `git for-each-ref --sort=-refname --format=${quote(format)} refs/checkpoints`);
  if (answer.status !== "done") return answer;
  const entries = answer.value.split(mark).flatMap((entry) => checkpointOf(entry) ?? []);
  return { status: "done", value: entries };
}

function checkpointOf(entry: string): Checkpoint | undefined {
  const [head = "", label = "", , folder = "", turn = ""] = entry.replace(/^\n/, "").split("\n");
  const [id, seconds] = head.split(" ");
  if (!id || !seconds) return undefined;
  return { id, at: Number(seconds) * 1000, label, folder, turn };
}

/** What changed in its folder since, as a summary and a diff from then to now. */
export async function diffCheckpoint(workspace: Workspace, { id, folder }: Checkpoint): Promise<Answer<string>> {
  return ask(
    workspace,
    `${current(id, folder)}
git diff --no-color --no-ext-diff --stat=100 "$cp_then" "$cp_tree"
git diff --no-color --no-ext-diff "$cp_then" "$cp_tree" | head -c 200000`,
  );
}

/** What the last rollback was asked by and went back to; `isDone`: it came to its end. */
export interface LastRollback {
  key: string;
  id: string;
  isDone: boolean;
}

/** The last rollback of this workspace; `undefined`: there was none. */
export async function lastRollback(workspace: Workspace): Promise<LastRollback | undefined> {
  const answer = await ask(workspace, `cat "$cp_store/rolled" 2>/dev/null; true`);
  const [key = "", id = "", state] = answer.status === "done" ? answer.value.split("\n") : [];
  return id === "" ? undefined : { key, id, isDone: state === "done" };
}

/** One line that stands for the key, whatever is in it. */
export const rollbackKey = (key: string): string => createHash("sha256").update(key).digest("hex");

/** Said instead of a summary when the same key asked for it before, and it was done. */
export const doneBefore = "done before";

/**
 * Makes its folder what it was: files changed since are written back, new ones removed; what a checkpoint leaves out
 * (large files, node_modules, .env) stays as it is. The state before is kept as a checkpoint of its own, so that this
 * can be undone too. Returns the summary of what was changed. What asks for it has a key: one that begins again after a
 * crash finds what it had begun (`lastRollback`), and is never done twice.
 */
export async function restoreCheckpoint(
  workspace: Workspace,
  { id, folder, at }: Checkpoint,
  key: string,
): Promise<Answer<string>> {
  const label = `rollback to ${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const answer = await ask(
    workspace,
    `${current(id, folder)}
{ read -r cp_key; read -r cp_id; read -r cp_state; } 2>/dev/null < "$cp_store/rolled"
[ "$cp_key $cp_state" = ${quote(`${key} done`)} ] && { echo ${quote(doneBefore)}; exit 0; }
cp_note() { printf '%s\\n' ${key} ${quote(id)} "$1" > "$cp_store/rolled.part.$$" && mv -f "$cp_store/rolled.part.$$" "$cp_store/rolled"; }
cp_note begun || { echo "failed git could not write"; exit 0; }
cp_keep ${quote(label)} rollback || { echo "failed $cp_reason"; exit 0; }
cp_drop
# Files too large for a checkpoint today may have been small enough then: they stay.
export GIT_INDEX_FILE="$cp_store/then.part.$$"
git read-tree "$cp_then" || { echo "failed git could not read it"; exit 0; }
cp_large | git update-index -z --force-remove --stdin
cp_goal="$(git write-tree)"
export GIT_INDEX_FILE="$cp_index"
rm -f "$cp_index.lock"
git diff --no-color --no-ext-diff --stat=100 "$cp_tree" "$cp_goal"
umask 022
git read-tree --reset -u "$cp_goal" >&2 && cp_note done || echo "failed git could not write all files"`,
  );
  return answer.status === "done" ? { ...answer, value: answer.value.trimEnd() } : answer;
}

/** Finds the checkpoint (`$cp_then`) and takes the tree of what is there now (`$cp_tree`). */
const current = (id: string, folder: string): string => `
cp_lock || { echo "failed another checkpoint is being made"; exit 0; }
cp_then="$(git rev-parse -q --verify ${quote(`refs/checkpoints/${id}^{tree}`)})" || { echo "failed it is not kept any more"; exit 0; }
[ -d ${quote(folder)} ] || mkdir -p ${quote(folder)}
cp_use ${quote(folder)}
cp_tree || { echo "failed $cp_reason"; exit 0; }`;

async function ask(workspace: Workspace, script: string): Promise<Answer<string>> {
  const whole = whereGitIs(`[ -f "$GIT_DIR/ready" ] || exit 0\n${script}`, "echo off");
  const { output, timedOut, exitCode } = await workspace.run(whole, { timeoutMs });
  if (output === "off\n") return { status: "off" };
  if (timedOut) return { status: "failed", reason: "it took longer than a minute" };
  const [, reason] = /^failed (.*)$/m.exec(output) ?? [];
  if (reason !== undefined) return { status: "failed", reason };
  if (exitCode !== 0) return { status: "failed", reason: redact(output).trim().slice(0, 300) };
  return { status: "done", value: output };
}
