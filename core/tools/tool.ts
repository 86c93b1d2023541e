import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import type { Json } from "../base/json.ts";
import type { ToolDefinition } from "../providers/provider.ts";
import type { Workspace } from "../shells/shell.ts";

/**
 * What repeating a call would do to the world.
 * `read`: nothing, so it runs again after a crash, and runs beside other reads.
 * `write`: changes the agent's own state (files, memory). `outward`: others may notice it (a command, a message).
 * Neither of the last two ever runs twice for one call id: after a crash the model is told that the outcome is unknown.
 */
export type Effect = "read" | "write" | "outward";

/** A versioned text that belongs to a profile or a person: the store behind the memory tool. */
export interface Notebook {
  read(): Promise<{ entries: string[]; version: number }>;
  /** False when somebody else wrote since `version` was read. */
  write(entries: string[], version: number): Promise<boolean>;
}

/** What a tool may use. Made anew for each call; holds nothing of other persons or profiles. */
export interface ToolContext {
  callId: string;
  session: string;
  signal: AbortSignal;
  clock: Clock;
  /** The person's workspace, woken on first use. */
  workspace(): Promise<Workspace>;
  notebooks: { memory: Notebook; user: Notebook };
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
  /** Paths (or other names) that this call touches: calls with a common one run one after the other. Absent: only reads run side by side. */
  touches?(input: z.infer<Input>): string[];
  /** The result is never spilled to a file (a reading tool would have to read it back). */
  keepsResultWhole?: boolean;
  /** Returns JSON for the model. A failure that the model can act on is returned as `{ error }`, not thrown. */
  run(input: z.infer<Input>, context: ToolContext): Promise<Json>;
}

/** Keeps the input type for `run`, forgets it for the registry. */
export const defineTool = <Input extends z.ZodType>(tool: Tool<Input>): Tool => tool;

/** The tool as the model sees it. */
export const toolDefinition = (tool: Tool): ToolDefinition => {
  const { $schema: _, ...parameters } = z.toJSONSchema(tool.input, { io: "input" }) as Record<string, unknown>;
  return { name: tool.name, description: tool.description, parameters };
};
