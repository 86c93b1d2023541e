/**
 * Where an execution is, as a tree of threads: the main flow at the root, under it the branches of the Map or Parallel
 * it is in, and so on. The tree changes only by `apply`ing records, while running and when a journal is read back
 * alike: so what resumes is what ran.
 */
import type { Json } from "../../core/base/json.ts";
import type { Variables } from "./evaluate.ts";

/** Indexes of branches from the root down; `[]` is the main flow. */
export type Path = readonly number[];

export type TokenAnswer = { output: Json } | { error: string; cause: string };

/** A Task that waits for its token. Times in milliseconds since 1970. */
export interface TokenProgress {
  token: string;
  deadlineMs: number;
  /** Absent when the state sets no heartbeat. */
  heartbeatMs?: number | undefined;
  lastBeatAtMs: number;
  /** The call that hands the token out has returned: it is not made again. */
  delivered: boolean;
  answer?: TokenAnswer;
}

export interface Progress {
  state: string;
  input: Json;
  variables: Variables;
  enteredAtMs: number;
  /** Retries spent by each retrier of the state. */
  retryCounts: number[];
  /** The next attempt begins then. */
  retryAtMs?: number;
  /** A Wait ends then. */
  waitUntilMs?: number;
  token?: TokenProgress;
  /** What the branches of this Map or Parallel work on. */
  branches?: { items: Json };
  children: Map<number, Progress>;
  /** Outputs of finished branches. */
  outputs: Map<number, Json>;
}

export type ProgressRecord =
  | { kind: "enter"; path: Path; state: string; input: Json; variables: Variables; atMs: number }
  | { kind: "retry"; path: Path; counts: number[]; atMs: number }
  | { kind: "wait"; path: Path; untilMs: number }
  | { kind: "token"; path: Path; token: string; deadlineMs: number; heartbeatMs?: number | undefined; atMs: number }
  | { kind: "delivered"; path: Path }
  | { kind: "beat"; path: Path; atMs: number }
  | { kind: "answer"; path: Path; answer: TokenAnswer }
  | { kind: "branches"; path: Path; items: Json }
  | { kind: "branch-done"; path: Path; index: number; output: Json };

/** The tree before the first state is entered: one empty root to hang the main flow on. */
export function emptyProgress(): Progress {
  return {
    state: "",
    input: null,
    variables: {},
    enteredAtMs: 0,
    retryCounts: [],
    children: new Map(),
    outputs: new Map(),
  };
}

/** The thread at a path, or undefined when it has not begun or is over. */
export function threadAt(root: Progress, path: Path): Progress | undefined {
  let node: Progress | undefined = root;
  for (const index of path) node = node?.children.get(index);
  return node;
}

/** Every thread of the tree with its path, parents first. */
export function* threads(node: Progress, path: Path = []): Generator<{ path: Path; node: Progress }> {
  yield { path, node };
  for (const [index, child] of node.children) yield* threads(child, [...path, index]);
}

/** Changes the tree as a record says. A record for a thread that is gone changes nothing. */
export function apply(root: Progress, record: ProgressRecord): void {
  if (record.kind === "enter") return enter(root, record);
  const node = threadAt(root, record.path);
  if (!node) return;
  switch (record.kind) {
    case "retry":
      forgetAttempt(node);
      node.retryCounts = record.counts;
      node.retryAtMs = record.atMs;
      return;
    case "wait":
      node.waitUntilMs = record.untilMs;
      return;
    case "token":
      node.token = { ...pick(record), lastBeatAtMs: record.atMs, delivered: false };
      return;
    case "branches":
      node.branches = { items: record.items };
      return;
    case "branch-done":
      node.children.delete(record.index);
      node.outputs.set(record.index, record.output);
      return;
    case "delivered":
    case "beat":
    case "answer":
      applyToToken(node.token, record);
  }
}

const pick = (record: Extract<ProgressRecord, { kind: "token" }>) => ({
  token: record.token,
  deadlineMs: record.deadlineMs,
  heartbeatMs: record.heartbeatMs,
});

type TokenRecord = Extract<ProgressRecord, { kind: "delivered" | "beat" | "answer" }>;

function applyToToken(token: TokenProgress | undefined, record: TokenRecord): void {
  if (!token) return;
  if (record.kind === "delivered") token.delivered = true;
  else if (record.kind === "beat") token.lastBeatAtMs = record.atMs;
  else token.answer = record.answer;
}

/** A new state begins clean: whatever the one before had under way is over. */
function enter(root: Progress, record: Extract<ProgressRecord, { kind: "enter" }>): void {
  const node = threadAt(root, record.path) ?? addThread(root, record.path);
  if (!node) return;
  forgetAttempt(node);
  node.state = record.state;
  node.input = record.input;
  node.variables = record.variables;
  node.enteredAtMs = record.atMs;
  node.retryCounts = [];
  delete node.retryAtMs;
}

function addThread(root: Progress, path: Path): Progress | undefined {
  const index = path.at(-1);
  const parent = threadAt(root, path.slice(0, -1));
  if (index === undefined || !parent) return undefined;
  const node = emptyProgress();
  parent.children.set(index, node);
  return node;
}

function forgetAttempt(node: Progress): void {
  delete node.waitUntilMs;
  delete node.token;
  delete node.branches;
  node.children.clear();
  node.outputs.clear();
}
