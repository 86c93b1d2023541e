/** A notebook as the person's commands, the undo and the curator see it. */
import type { Notebook } from "../tools/tool.ts";
import type { Target } from "./limits.ts";
import type { Proposal } from "./note.ts";

export type Decided =
  | { ok: true }
  /** The sentence says why it was not done; the proposal waits on. */
  | { ok: false; problem: string };

export interface Book extends Notebook {
  /** `memory`, `memory#<owner>` or `user#<owner>`: the ledger's name for it. */
  readonly name: string;
  readonly target: Target;
  /** The only one who may see it; absent when it is the whole profile's. */
  readonly owner?: string;
  /** Changes that wait for approval, oldest first. */
  pending(): Promise<Proposal[]>;
  /** Puts a proposal into the notebook, or drops it. A proposal that does not fit any more must be refused, not bent. */
  decide(id: string, verdict: "approve" | "reject"): Promise<Decided>;
}
