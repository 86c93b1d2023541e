import type { Armed } from "./arm.ts";

export interface Verdict {
  lost: string[];
  doubled: string[];
  /** Other broken promises, each a sentence. */
  broken: string[];
}

export interface FaultReport {
  injected: number;
  lost: number;
  doubled: number;
  broken: string[];
  /** Outside calls of the undisturbed runs, one of each kind. */
  calls: number;
  /** The longest time from the beginning to rest, in milliseconds. */
  slowestMs: number;
}

/** What became of one run with at most one fault. */
export interface Disturbed {
  verdict: Verdict;
  calls: number;
  fired: string | undefined;
  ms: number;
}

/** Beyond the calls of an undisturbed run: what a mended one makes more. */
const never: Armed = { at: Number.MAX_SAFE_INTEGER, when: "before" };

export interface Reporter {
  report: FaultReport;
  /** Disturbs runs of one kind before and after every `stride`-th of their calls. */
  disturb(name: string, stride: number, run: (armed: Armed) => Promise<Disturbed>): Promise<void>;
}

export function openReport(progress: (line: string) => void): Reporter {
  const report: FaultReport = { injected: 0, lost: 0, doubled: 0, broken: [], calls: 0, slowestMs: 0 };
  const add = (where: string, { lost, doubled, broken }: Verdict) => {
    report.lost += lost.length;
    report.doubled += doubled.length;
    report.broken.push(...broken.map((sentence) => `${where}: ${sentence}`));
    for (const text of lost) progress(`LOST ${text} (${where})`);
    for (const text of doubled) progress(`DOUBLED ${text} (${where})`);
  };
  async function disturb(name: string, stride: number, run: (armed: Armed) => Promise<Disturbed>) {
    // The first run warms the workers up, the second counts.
    await run(never);
    const { verdict: undisturbed, calls } = await run(never);
    add(`${name}, undisturbed`, undisturbed);
    report.calls += calls;
    for (let at = 1; at <= calls; at += stride) {
      for (const when of ["before", "after"] as const) {
        const { verdict, fired, ms } = await run({ at, when });
        if (fired === undefined) continue;
        report.injected += 1;
        report.slowestMs = Math.max(report.slowestMs, ms);
        add(`${name}, ${fired}`, verdict);
        progress(`${name}, ${fired} (${Math.round(ms)} ms)`);
      }
    }
  }
  return { report, disturb };
}
