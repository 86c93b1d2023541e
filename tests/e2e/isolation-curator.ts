/** Acts with the curator's proposals about a person's own notes, and with its commands. */
import type { Button } from "../../core/platforms/platform.ts";
import { identityOf } from "../../core/gateway/authorise.ts";
import { proposalIdOf } from "../../core/learning/curator/proposal.ts";
import { openProposals, type NotebookChange, type Proposal } from "../../core/store/proposals.ts";
import type { Table } from "../../core/store/table.ts";
import type { LearningCommand, TurnPorts } from "../../core/turn/ports.ts";
import { type Act, type Asker, type Chance, sessionOf } from "./isolation-askers.ts";
import { triedMessage } from "./isolation-coverage.ts";

/** `listed`: composed so that persons are let in by name, since strangers have nothing to do with the curator. */
export interface CuratorParts {
  listed: TurnPorts;
  table: Table;
}

export const proposalsOf = ({ profile, owner }: Asker, table: Table): Promise<Proposal[]> =>
  openProposals(table, profile)
    .list({ owner })
    .then((all) => all.filter((proposal) => proposal.owner === owner));

const looks = ["", "status", "reports", "rollback", "pause", "resume", "dry-run", "run"];
const marks = ["pin", "unpin", "archive", "restore"];

/** `writes`: the acts that may change the asker's own notebooks, or decide the asker's own proposals. */
export function curatorActs(parts: () => CuratorParts) {
  async function answer(name: LearningCommand, args: string, asker: Asker): Promise<string> {
    const { profile, owner, conversation, message } = asker;
    const about = {
      profile,
      owner,
      session: sessionOf(asker),
      turn: 1,
      conversation,
      place: message.place,
      identity: identityOf(message),
    };
    if (name !== "proposal") triedMessage(`/${name} ${args}`);
    const reply = await parts().listed.answerLearning(name, args, about);
    return [reply.text, ...(reply.buttons ?? []).map(({ label, payload }: Button) => `${label} ${payload}`)].join("\n");
  }

  /** As the curator makes it: the note would go, or another would stand in its place. */
  const propose: Act = async ({ profile, owner, own }, { number, word }) => {
    const { user } = parts().listed.notebooks({ profile, owner, session: "ses_test", turn: 1 });
    const { entries } = await user.read();
    const note = entries[number % Math.max(1, entries.length)];
    if (!note) return "";
    const change: NotebookChange = {
      kind: "memory",
      notebook: `user#${owner}`,
      flaw: "stale",
      entries: [note.text],
      next: number % 2 === 0 ? null : `Had ${word}${number} ${own}`,
    };
    const draft = { id: proposalIdOf(change), run: "run_test", at: Date.now(), reason: own, change, owner };
    await openProposals(parts().table, profile).add(draft);
    return "";
  };
  const oneOf = async (other: Asker, number: number): Promise<Proposal | undefined> => {
    const theirs = await proposalsOf(other, parts().table);
    return theirs[number % Math.max(1, theirs.length)];
  };
  const press: Act = async (asker, { other, number }) => {
    const id = (await oneOf(other, number))?.id ?? `prop_${"0".repeat(26)}`;
    return answer("proposal", `${id}:${["diff", "approve", "reject"][number % 3]}`, asker);
  };
  const decide = async (asker: Asker, { other, number }: Chance, decision: string) =>
    answer("curator", `${decision} ${(await oneOf(other, number))?.number ?? 1}`, asker);

  const acts: Record<string, Act> = {
    propose,
    proposals: (asker) => answer("curator", "diff", asker),
    curator: (asker, { number }) => answer("curator", looks[number % looks.length] ?? "", asker),
    curatorOnSkills: (asker, { number, word }) =>
      answer("curator", `${marks[number % marks.length]} baking-${word}`, asker),
    // Listed as the person's own: what the curator proposes about their notes.
    memoryPending: (asker) => answer("memory", "pending", asker),
    memoryDecide: (asker, { number }) => answer("memory", number % 2 === 0 ? "approve 1" : "reject 1", asker),
    diffOfOther: (asker, chance) => decide(asker, chance, "diff"),
    approveOther: (asker, chance) => decide(asker, chance, "approve"),
    rejectOther: (asker, chance) => decide(asker, chance, "reject"),
    press,
    decideAll: (asker, { number }) => answer("curator", number % 2 === 0 ? "approve all" : "reject all", asker),
    undoOther: async (asker, { other, number }) => {
      const theirs = (await parts().listed.ledger(other.profile).list({ owner: other.owner, limit: 30 })).filter(
        ({ owner }) => owner === other.owner,
      );
      return answer("curator", `rollback ${theirs[number % Math.max(1, theirs.length)]?.id ?? "led_0"}`, asker);
    },
  };
  return { acts, answer, writes: ["approveOther", "rejectOther", "press", "decideAll", "undoOther", "memoryDecide"] };
}
