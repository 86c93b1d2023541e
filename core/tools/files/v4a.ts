import type { Edit } from "./edits.ts";

/** A place in a file and what becomes of it. */
export interface Hunk {
  /** For messages: "hunk 2 of src/a.ts". */
  title: string;
  /** Lines after which the hunk's own are found, one below the other (from `@@ …`). */
  anchors: string[];
  edits: Edit[];
  /** The hunk's lines are the file's last ones. */
  isAtEnd: boolean;
}

export type FileChange =
  | { kind: "update"; path: string; moveTo?: string; hunks: Hunk[] }
  | { kind: "add"; path: string; text: string }
  | { kind: "delete"; path: string };

type Parsed = { changes: FileChange[] } | { error: string };

const header = /^\*\*\* (Update|Add|Delete) File:\s*(.+?)\s*$/;
const moveLine = /^\*\*\* Move to:\s*(.+?)\s*$/;
const endOfFile = /^\*\*\* End of File\s*$/;

/** Reads a patch in V4A format, the one that "*** Begin Patch" introduces (OpenAI's apply_patch). */
export function parsePatch(text: string): Parsed {
  const lines = text.split(/\r?\n/);
  const begin = lines.findIndex((line) => line.startsWith("*** Begin Patch"));
  const end = lines.findLastIndex((line) => line.startsWith("*** End Patch"));
  const body = lines.slice(begin + 1, end < 0 ? lines.length : end);
  const sections = sectionsOf(body);
  if ("error" in sections) return sections;
  const changes: FileChange[] = [];
  for (const section of sections.list) {
    const change = changeOf(section);
    if ("error" in change) return change;
    changes.push(change);
  }
  return changes.length > 0 ? { changes } : { error: "The patch names no file: *** Update File: path" };
}

interface Section {
  action: string;
  path: string;
  body: string[];
}

function sectionsOf(lines: readonly string[]): { list: Section[] } | { error: string } {
  const list: Section[] = [];
  for (const line of lines) {
    const [, action, path] = header.exec(line) ?? [];
    if (action !== undefined && path !== undefined) list.push({ action, path, body: [] });
    else if (list.length > 0) list.at(-1)?.body.push(line);
    else if (line.trim() !== "")
      return { error: `The patch must begin with a file line, not with: ${line.slice(0, 80)}` };
  }
  return { list };
}

function changeOf({ action, path, body }: Section): FileChange | { error: string } {
  if (action === "Delete") return { kind: "delete", path };
  if (action === "Add") return addition(path, body);
  const moveTo = moveLine.exec(body[0] ?? "")?.[1];
  const hunks = hunksOf(path, moveTo === undefined ? body : body.slice(1));
  if ("error" in hunks) return hunks;
  if (hunks.list.length === 0 && moveTo === undefined) return { error: `Nothing is changed in ${path}.` };
  return { kind: "update", path, hunks: hunks.list, ...(moveTo !== undefined && { moveTo }) };
}

function addition(path: string, body: readonly string[]): FileChange | { error: string } {
  const lines = body.slice(0, body.findLastIndex((line) => line.trim() !== "") + 1);
  const stray = lines.find((line) => !line.startsWith("+") && line !== "");
  if (stray !== undefined)
    return { error: `Each line of the new file ${path} begins with +, not: ${stray.slice(0, 80)}` };
  return { kind: "add", path, text: lines.map((line) => `${line.slice(1)}\n`).join("") };
}

function hunksOf(path: string, body: readonly string[]): { list: Hunk[] } | { error: string } {
  const list: Hunk[] = [];
  const begin = (): Hunk => {
    const hunk: Hunk = { title: `hunk ${list.length + 1} of ${path}`, anchors: [], edits: [], isAtEnd: false };
    list.push(hunk);
    return hunk;
  };
  let current: Hunk | undefined;
  for (const line of body) {
    if (line.startsWith("@@")) {
      // Several @@ lines in a row narrow one place down.
      if (current === undefined || current.edits.length > 0) current = begin();
      current.anchors.push(...anchorOf(line));
    } else if (endOfFile.test(line)) {
      (current ?? begin()).isAtEnd = true;
      current = undefined;
    } else if (current !== undefined || line.trim() !== "") {
      current ??= begin();
      const edit = editOf(line);
      if (edit === undefined)
        return { error: `A line of ${current.title} begins with neither a space nor + nor -: ${line.slice(0, 80)}` };
      current.edits.push(edit);
    }
  }
  return withoutBlankRest(list);
}

/** `@@ def f(self):` says where; the line numbers of a unified diff are not believed, nor what follows them. */
function anchorOf(line: string): string[] {
  if (/^@@\s*-\d+(,\d+)? \+\d+/.test(line)) return [];
  const anchor = line.replace(/^@@\s?/, "").replace(/\s*@@\s*$/, "");
  return anchor.trim() === "" ? [] : [anchor];
}

function editOf(line: string): Edit | undefined {
  const rest = line.slice(1);
  if (line === "" || line.startsWith(" ")) return { kind: "keep", line: rest };
  if (line.startsWith("-")) return { kind: "remove", line: rest };
  return line.startsWith("+") ? { kind: "add", line: rest } : undefined;
}

/** Empty lines between two sections belong to neither. */
function withoutBlankRest(list: readonly Hunk[]): { list: Hunk[] } | { error: string } {
  const hunks = list.map((hunk) => {
    const last = hunk.edits.findLastIndex(({ kind, line }) => kind !== "keep" || line !== "");
    return { ...hunk, edits: hunk.edits.slice(0, last + 1) };
  });
  const idle = hunks.find(({ edits }) => edits.every(({ kind }) => kind === "keep"));
  return idle === undefined ? { list: hunks } : { error: `The ${idle.title} changes nothing.` };
}
