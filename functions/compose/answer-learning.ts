import { systemClock } from "../../core/base/clock.ts";
import { type CuratorCommandPorts, curatorText, decideProposal } from "../../core/learning/curator/commands.ts";
import { ownProposals } from "../../core/learning/curator/own-proposals.ts";
import { personOf } from "../../core/gateway/conversation-key.ts";
import { pressedProposal } from "../../core/learning/curator/proposal.ts";
import { journeyText } from "../../core/learning/journey.ts";
import type { LedgerEntry } from "../../core/learning/ledger.ts";
import { memoryText } from "../../core/memory/commands.ts";
import { openListings } from "../../core/memory/listing.ts";
import { undoNotebook } from "../../core/memory/undo.ts";
import { describeSessions } from "../../core/search/commands.ts";
import { answerSkills } from "../../core/skills/commands.ts";
import type { Store } from "../../core/store/store.ts";
import type { AnswerLearning, Asking } from "../../core/turn/ports.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { composeApply, curatorSettings } from "./curator-parts.ts";
import type { Environment } from "./environment.ts";
import { invokeLater } from "./invoke-later.ts";
import { composeLearning, type LearningParts } from "./learning.ts";

interface Parts extends Omit<LearningParts, "actor"> {
  store: Store;
  /** Names of the variables that commands find in their environment: what a skill needs may be among them. */
  passed: readonly string[];
}

/** Commands about what was learnt: the person's own hand, so every change is theirs in the ledger. */
export function composeAnswerLearning(environment: Environment, { store, passed, ...parts }: Parts): AnswerLearning {
  const { table, blobs } = parts;
  const learning = composeLearning(environment, { ...parts, actor: "person" });
  const now = () => systemClock.now();

  const startCurator = invokeLater(environment.settings, resourceEnvironment.curatorFunction);
  const curator = curatorSettings(environment.settings);

  /** What came out of a session of the person who asks; of one that several share, nobody knows whose it is. */
  async function isOwn({ session }: LedgerEntry, { identity }: Asking): Promise<boolean> {
    const found = session === undefined ? undefined : await store.sessions.get(session);
    return found !== undefined && personOf(found.owner) === identity;
  }

  function curatorPorts(about: Asking): CuratorCommandPorts {
    const { profile, owner, place, identity } = about;
    const ledger = learning.ledger(profile);
    const books = Object.values(learning.notebooks(about));
    return {
      ...composeApply({ table, blobs, profile, settings: curator }),
      settings: curator,
      clock: systemClock,
      place,
      owner,
      identity,
      isOwner: learning.isOwner,
      ledger,
      person: learning.skillsOf(about, identity),
      start: ({ isDry }) => startCurator({ task: "curate", manual: true, dry: isDry }),
      async undoNotebook(entry) {
        const book = books.find(({ name }) => entry.subject.kind === "notebook" && entry.subject.name === name);
        if (!book) return "It is in somebody else's notebook.";
        const undone = await undoNotebook(entry, book, ledger);
        return undone.ok ? undefined : undone.problem;
      },
    };
  }

  return async (command, args, about) => {
    const { profile, owner, session, place, identity } = about;
    const ledger = learning.ledger(profile);
    const library = learning.skillsOf(about, identity);
    const isStranger = learning.isOpenToAll && !learning.isOwner(identity);
    if (isStranger && (command === "curator" || command === "proposal"))
      return { text: "Everybody is let in here, so only an owner of this agent looks after skills." };
    switch (command) {
      case "memory": {
        const listings = openListings(table, profile, owner);
        const books = learning.notebooks(about);
        return {
          text: await memoryText(args, {
            books,
            ledger,
            listings,
            owner,
            suggestions: ownProposals(owner, composeApply({ table, blobs, profile, settings: curator })),
            now,
            needsApproval: learning.needsApproval,
          }),
        };
      }
      case "skills":
        return {
          text: await answerSkills(args, {
            library,
            ledger,
            owner,
            now,
            passed,
            isOwner: learning.isOwner(identity),
            isOwn: (entry) => isOwn(entry, about),
          }),
        };
      case "journey": {
        const skills = async () => [...(await library.list()), ...(await library.list({ archived: true }))];
        const asking = { owner, isGroup: place.kind === "group", isStranger };
        return { text: await journeyText(args, { ledger, skills, ...asking }) };
      }
      case "sessions": {
        const { conversation } = about;
        const sources = { sessions: store.sessions, search: learning.search(about) };
        return { text: await describeSessions(args, { id: session, owner, conversation }, sources) };
      }
      case "curator":
        return curatorText(args, curatorPorts(about));
      case "proposal": {
        const decision = pressedProposal(args);
        return decision
          ? decideProposal(decision, curatorPorts(about))
          : { text: "That button is not one of mine any more." };
      }
    }
  };
}
