/** What the curator proposes about one person's notes: theirs alone to see and decide, whoever looks after the skills. */
import type { Suggestions } from "../../memory/commands.ts";
import { approve, reject } from "./apply.ts";
import type { ApplyPorts } from "./ports.ts";
import { isNotebookChange } from "./proposal.ts";

export function ownProposals(owner: string, ports: ApplyPorts): Suggestions {
  const open = async () =>
    (await ports.proposals.list({ owner, status: "open" })).filter((proposal) => proposal.owner === owner);

  const list: Suggestions["list"] = async () =>
    (await open()).flatMap(({ id, at, reason, change }) =>
      isNotebookChange(change)
        ? [{ id, at, reason, notebook: change.notebook, remove: change.entries, next: change.next }]
        : [],
    );

  const decide: Suggestions["decide"] = async (id, verdict) => {
    const proposal = (await open()).find((each) => each.id === id);
    if (!proposal) return { ok: false, problem: "it was decided before" };
    const { isDone, note } =
      verdict === "approve" ? await approve(proposal, "person", ports) : await reject(proposal, ports);
    return isDone ? { ok: true } : { ok: false, problem: note };
  };

  return { list, decide };
}
