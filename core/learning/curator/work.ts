/** A run at work: what it has saved of itself, and how it saves more. */
import { addUsage, type Usage } from "../../conversation/usage.ts";
import type { SkillRecord } from "../../skills/skill.ts";
import type { CuratorRun, CuratorState } from "../../store/curator.ts";
import type { ProposalDraft } from "../../store/proposals.ts";
import type { CuratorPorts } from "./ports.ts";
import { type Survey, surveyOf } from "./survey.ts";

/** Its rows of the bill. */
export const curatorTask = "curator";

const maxSaves = 8;
const maxProblems = 50;

/** Another invocation has taken the run over: this one stops where it is. */
export class Outrun extends Error {}

export interface Work {
  ports: CuratorPorts;
  readonly run: CuratorRun;
  /** What a dry run would have proposed; others save their proposals. */
  drafts: ProposalDraft[];
  /** Names of skills that cron jobs refer to. */
  referenced: ReadonlySet<string>;
  /** All skills that are not archived, as they are now. */
  skills(): Promise<SkillRecord[]>;
  /** The library as this invocation found it; looked at once, since thousands of skills take a while. */
  survey(): Promise<Survey>;
  /** Keeps how far the run has come. @throws Outrun */
  save(change: Partial<CuratorRun>, more?: (state: CuratorState) => Partial<CuratorState>): Promise<void>;
  note(problem: string): Promise<void>;
  /** Counts a question to the model before it is put, and what it cost afterwards. */
  spend(usage: Usage): Promise<void>;
}

export interface WorkOptions {
  ports: CuratorPorts;
  run: CuratorRun;
  referenced: ReadonlySet<string>;
}

export function openWork({ ports, run: begun, referenced }: WorkOptions): Work {
  let run = begun;

  const save: Work["save"] = async (change, more = () => ({})) => {
    for (let attempt = 0; attempt < maxSaves; attempt += 1) {
      const { state, version } = await ports.records.read();
      // Pausing and the like write the same record; only another worker of this run is in the way.
      if (state.run?.id !== run.id || state.run.attempts !== run.attempts) throw new Outrun("the run was taken over");
      const next = { ...run, ...change };
      if (!(await ports.records.write({ ...state, run: next, ...more(state) }, version))) continue;
      run = next;
      return;
    }
    throw new Outrun("the record of the curator kept changing");
  };

  const skills = () => ports.skills.list();
  let surveyed: Promise<Survey> | undefined;
  const survey = async () => surveyOf(await skills(), ports.skills, begun.startedAt);

  return {
    ports,
    get run() {
      return run;
    },
    drafts: [],
    referenced,
    skills,
    survey: () => (surveyed ??= survey()),
    save,
    note: (problem) => save({ problems: [...run.problems, problem].slice(0, maxProblems) }),
    async spend(usage) {
      await save({ questions: run.questions + 1, usage: addUsage(run.usage, usage) });
      const { name: model } = await ports.model();
      await ports.costs.put({ task: curatorTask, id: run.id, at: run.startedAt, model, usage: run.usage });
    },
  };
}
