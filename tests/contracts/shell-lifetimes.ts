/** What a shell whose machines live for a limited time must do about their ends. */
import { describe, expect, it } from "vitest";
import { systemClock } from "../../core/base/clock.ts";
import type { Clock } from "../../core/base/clock.ts";
import { lookAtJob, startJob } from "../../core/shells/jobs/jobs.ts";
import { acquireLasting } from "../../core/shells/lifetime.ts";
import type { ShellBackend, Workspace } from "../../core/shells/shell.ts";
import { timeoutMs } from "./shell-bench.ts";
import { jobOf } from "./shell-job-bench.ts";

export interface LifetimeBench {
  connect(clock: Clock): Promise<ShellBackend>;
  lifeMs: number;
  /** The machine that was started last, by its name. */
  newest(): string;
}

const minute = 60_000;

export function lifetimeCases({ connect, lifeMs, newest }: LifetimeBench): void {
  describe("a machine that does not live for ever", () => {
    let count = 0;
    /** A workspace with a file, on a machine that is so old. */
    async function aged(ageMs: number) {
      let aheadMs = 0;
      const clock = { ...systemClock, now: () => Date.now() + aheadMs };
      const backend = await connect(clock);
      const name = `aged-${(count += 1)}`;
      const first = await backend.acquire(name);
      await first.run("echo latest > file", { timeoutMs });
      const machine = newest();
      aheadMs = ageMs;
      return {
        first,
        backend,
        name,
        machine,
        age: (ms: number) => (aheadMs = ms),
        acquire: (forMs = 0) => acquireLasting(backend, name, { clock, forMs }),
      };
    }
    const fileOf = async (workspace: Workspace) => (await workspace.run("cat file", { timeoutMs })).output;

    it("says when it ends", async () => {
      const { first } = await aged(0);
      expect(first.lifetime?.longestMs).toBe(lifeMs);
      expect(Math.abs((first.lifetime?.endsAt ?? 0) - Date.now() - lifeMs)).toBeLessThan(minute);
    });

    it("is exchanged before its end, with all its files", async () => {
      const { acquire, machine } = await aged(lifeMs - 15 * minute);
      expect(await fileOf(await acquire())).toBe("latest\n");
      expect(newest()).not.toBe(machine);
    });

    it("is exchanged earlier for what takes longer than it lives, and not for what does not", async () => {
      const { acquire, machine } = await aged(lifeMs - 90 * minute);
      await acquire(60 * minute);
      expect(newest()).toBe(machine);
      const lasting = await acquire(120 * minute);
      expect(newest()).not.toBe(machine);
      expect(await fileOf(lasting)).toBe("latest\n");
    });

    it("is not exchanged again and again for what takes longer than any lives", async () => {
      const { acquire, machine } = await aged(0.4 * lifeMs);
      await acquire(10 * lifeMs);
      expect(newest()).toBe(machine);
    });

    it("stays for a job that runs on it, until its last minutes: then the files are what counts", async () => {
      const { acquire, age, machine } = await aged(lifeMs - 90 * minute);
      const job = jobOf("sleep 60");
      await startJob(await acquire(), job, { waitMs: 0 });
      await acquire(120 * minute);
      age(lifeMs - 15 * minute);
      expect((await lookAtJob(await acquire(), job.id)).status).toBe("running");
      expect(newest()).toBe(machine);
      age(lifeMs - 5 * minute);
      const other = await acquire();
      expect(newest()).not.toBe(machine);
      expect(await fileOf(other)).toBe("latest\n");
      expect((await lookAtJob(other, job.id)).status).toBe("lost");
    });
  });
}
