/** What the cases about jobs share. */
import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { newId } from "../../core/base/ids.ts";
import type { JobLook, JobStart } from "../../core/shells/jobs/job.ts";
import { startJob, type StartOptions } from "../../core/shells/jobs/jobs.ts";
import type { ShellBench } from "./shell-bench.ts";

/** Longer than any of these jobs takes. */
export const waitMs = 20_000;

export const jobOf = (command: string, more: Partial<JobStart> = {}): JobStart => ({
  id: newId("job"),
  command,
  session: `s-${randomUUID()}`,
  savesSession: true,
  timeoutMs: 60_000,
  label: command,
  ...more,
});

/** A job that is running when this returns. */
export async function running(
  { workspace }: ShellBench,
  command: string,
  more: Partial<JobStart> = {},
): Promise<string> {
  const job = jobOf(command, more);
  expect(await startJob(workspace(), job, { waitMs: 0 })).toMatchObject({ status: "running" });
  return job.id;
}

/** A job that has ended when this returns. */
export const quick = ({ workspace }: ShellBench, command: string, more: Partial<JobStart & StartOptions> = {}) =>
  startJob(workspace(), jobOf(command, more), { waitMs, ...more });

/** Asks until the answer is right; returns the last one. */
export async function eventually<Answer>(look: () => Promise<Answer>, expected: Answer): Promise<Answer> {
  let answer = await look();
  for (let tries = 0; tries < 150 && JSON.stringify(answer) !== JSON.stringify(expected); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = await look();
  }
  return answer;
}

export const textOf = ({ output }: JobLook) => output.head + output.tail;
