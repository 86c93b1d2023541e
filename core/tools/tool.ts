import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import type { Json } from "../base/json.ts";
import type { Author, Note } from "../memory/note.ts";
import type { ToolDefinition } from "../providers/provider.ts";
import type { SessionSearch } from "../search/search.ts";
import type { Workspace } from "../shells/shell.ts";
import type { SkillLibrary } from "../skills/skill.ts";

/**
 * What repeating a call would do to the world.
 * `read`: nothing, so it runs again after a crash, and runs beside other reads.
 * `write`: changes the agent's own state (files, memory). `outward`: others may notice it (a command, a message).
 * Neither of the last two ever runs twice for one call id: after a crash the model is told that the outcome is unknown.
 */
export type Effect = "read" | "write" | "outward";

/** A versioned list of short notes that belongs to a profile or a person: the store behind the memory tool. */
export interface Notebook {
  /** Who writes through this one, and in which session: every note and every change is kept under it. */
  readonly author: Author;
  read(): Promise<{ entries: Note[]; version: number }>;
  /** The notes as they shall be. Nothing is written when somebody else wrote since `version` was read. */
  write(entries: readonly Note[], version: number, about: NotebookChange): Promise<NotebookWritten>;
}

export interface NotebookChange {
  /** One sentence, for the ledger. */
  reason: string;
  /** Only when it takes an earlier change back. */
  action?: "undo";
}

export type NotebookWritten =
  /** `entry`: its line in the ledger; absent when there was nothing to change. */
  | { status: "written"; entry?: string }
  /** It waits for the person's approval; the notebook is as it was. */
  | { status: "staged" }
  /** Too much waits for the person's approval already; nothing was kept. */
  | { status: "full" }
  /** Somebody else wrote first: read again. */
  | { status: "conflict" };

/** Asked while the call waits; whoever the conversation belongs to may answer, in words or by a button. */
export interface Question {
  /** Unique, and short enough for a button's payload (26 characters). */
  id: string;
  /** Markdown for the person. */
  text: string;
  /** What can be chosen; `id` is one word of letters and digits. Without any, the answer is a text. */
  choices: readonly { id: string; label: string }[];
}

/** A call that outlives its step: nothing runs, and nothing is billed, until something happens. */
export interface Wait {
  /** What `resume` is handed; kept with the step. */
  state: Json;
  /** Time to look again although nothing happened, in milliseconds since 1970. */
  until: number;
  question?: Question;
}

/** Why a waiting call is looked at. */
export type Wake =
  /** The person chose: the id of a choice, or their words where they are none of the choices. */
  | { by: "answer"; choice?: string; text: string; who: string }
  /** A job of the session rang. */
  | { by: "job" }
  /** The person said something else, which the model reads next: the call has to come to a result now. */
  | { by: "message" }
  /** The person said stop: what goes on has to end, and the call has to come to a result now. */
  | { by: "stop" }
  /** `until` has come, or nobody knows why: look. */
  | { by: "time" };

/** What a tool returns instead of a result: the call waits, and goes on in `resume`. */
export class Waiting {
  readonly wait: Wait;

  constructor(wait: Wait) {
    this.wait = wait;
  }
}

/** The way by which a job that outlives its call reaches the conversation again. */
export interface Doorbells {
  /** A new job id, and the address that its script rings at with a POST. Nothing is stored: until `open` it is answered 404. */
  create(): { id: string; url: string };
  /**
   * Lets the job ring. `wake`: the call that waits for it is looked at. `tell`: each ring becomes a message that starts a
   * turn if none is running. May be called again to change it.
   */
  open(id: string, rings: "wake" | "tell"): Promise<void>;
  /** Rings are not wanted any more. */
  close(id: string): Promise<void>;
}

/** Whether a command may run, by the rules of the owner and what the person allowed before. */
export type Permission =
  | { verdict: "allow" }
  /** Never, whoever asks. */
  | { verdict: "refuse"; reason: string }
  /** The person decides; `reason` says in a sentence what is dangerous. `rules` is what "always" would allow. */
  | { verdict: "ask"; reason: string; rules: readonly string[] };

export interface Permissions {
  of(command: string, workspace: Pick<Workspace, "isIsolated">): Promise<Permission>;
  /** Remembers that these rules are allowed: for the session, or for the person everywhere from now on. */
  allow(rules: readonly string[], scope: "session" | "always"): Promise<void>;
}

/** What a tool may use. Made anew for each call; holds nothing of other persons or profiles. */
export interface ToolContext {
  callId: string;
  session: string;
  /** The turn that the call belongs to, as one word. */
  turn: string;
  signal: AbortSignal;
  clock: Clock;
  /** How long a call may keep its step: what takes longer should wait (`Waiting`) instead. In milliseconds. */
  patienceMs: number;
  /** The person's workspace, woken on first use; for something long (`forMs`) on a machine that lasts, where that ends no job. */
  workspace(forMs?: number): Promise<Workspace>;
  /** Names of the operator's variables that commands find in their environment; absent where no command runs. */
  passed?: readonly string[];
  notebooks: { memory: Notebook; user: Notebook };
  skills: SkillLibrary;
  doorbells: Doorbells;
  permissions: Permissions;
  search: SessionSearch;
  /** Shows the person a line while the call goes on. Never fails; after a crash a line may come twice or not at all. */
  show(line: string): Promise<void>;
  /** Runs another tool as a part of this call (a program that calls tools); it cannot wait. Its failure is `{ error }`. */
  call(tool: string, input: unknown): Promise<Json>;
  /** The newest result that this tool returned in this session, as it was returned; `undefined` when there is none. */
  previousResult(): Json | undefined;
}

export interface Tool<Input extends z.ZodType = z.ZodType> {
  name: string;
  toolset: string;
  /** For the model: when to use it, what comes back. Must not name tools of other toolsets. */
  description: string;
  /** A zod object; its JSON Schema is what the model sees, so describe each field. */
  input: Input;
  effect: Effect;
  /** For a tool that does more when it is asked for more: the effect of this call, in the place of `effect`. */
  effectOf?(input: z.infer<Input>): Effect;
  /** Names of what this call touches (a file: files/touched.ts): calls with a common one run one after the other. Absent: only reads run side by side. */
  touches?(input: z.infer<Input>): string[];
  /** The result is never spilled to a file (a reading tool would have to read it back). */
  keepsResultWhole?: boolean;
  /** Returns JSON for the model. A failure that the model can act on is returned as `{ error }`, not thrown. */
  run(input: z.infer<Input>, context: ToolContext): Promise<Json | Waiting>;
  /** Goes on with a call that `run` (or `resume`) made wait, in another invocation. Must be there when one of them can. */
  resume?(input: z.infer<Input>, wait: { state: Json; wake: Wake }, context: ToolContext): Promise<Json | Waiting>;
}

/** Keeps the input type for `run`, forgets it for the registry. */
export const defineTool = <Input extends z.ZodType>(tool: Tool<Input>): Tool => tool;

/** The tool as the model sees it. */
export const toolDefinition = (tool: Tool): ToolDefinition => {
  const { $schema: _, ...parameters } = z.toJSONSchema(tool.input, { io: "input" }) as Record<string, unknown>;
  return { name: tool.name, description: tool.description, parameters };
};
