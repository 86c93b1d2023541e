/** What jobs write, how they are listed, and how they ring. */
import { expect, it } from "vitest";
import { killJob, listJobs, lookAtJob, readJobOutput, removeJob } from "../../core/shells/jobs/jobs.ts";
import type { ShellBench } from "./shell-bench.ts";
import { eventually, quick, running, textOf } from "./shell-job-bench.ts";

export function outputCases(bench: ShellBench): void {
  it("shows the two ends of a long output and counts the rest", async () => {
    const look = await quick(bench, "seq 1 100000", { windowBytes: 1_000 });
    expect(look.output).toMatchObject({ totalBytes: 588_895, omittedBytes: 587_895 });
    expect(look.output.head.startsWith("1\n2\n3\n")).toBe(true);
    expect(look.output.tail.endsWith("99999\n100000\n")).toBe(true);
    expect((await bench.run(`tail -n 1 ${look.outputPath}`)).output).toBe("100000\n");
  });

  it("cuts no character in two", async () => {
    const { output } = await quick(bench, "printf '€%.0s' {1..1000}", { windowBytes: 101 });
    expect(output.head + output.tail).toMatch(/^€+$/);
  });

  it("takes little disk however much it writes, and keeps both ends", async () => {
    const look = await quick(bench, "seq 1 6000000; echo 'the end'");
    expect(look.output.totalBytes).toBe(46_888_896 + 8);
    expect(look.output.head.startsWith("1\n2\n3\n")).toBe(true);
    expect(look.output.tail.endsWith("5999999\n6000000\nthe end\n")).toBe(true);
    const { output } = await bench.run(
      `du -sk ~/.talaria/jobs/${look.id} | cut -f 1; grep -c 'bytes left out' ${look.outputPath}`,
    );
    const [kilobytes, marks] = output.trim().split("\n").map(Number);
    expect(kilobytes).toBeLessThan(6_500);
    expect(marks).toBe(1);
  });

  it("can be read by lines: the last ones, or some of the middle", async () => {
    const { id } = await quick(bench, "seq 1 1000");
    expect(await readJobOutput(bench.workspace(), id, { limit: 2 })).toEqual({
      text: "999\n1000\n",
      firstLine: 999,
      totalLines: 1000,
    });
    expect(await readJobOutput(bench.workspace(), id, { offset: 10, limit: 2 })).toMatchObject({ text: "10\n11\n" });
    await expect(readJobOutput(bench.workspace(), "job_unknown", { limit: 1 })).rejects.toMatchObject({
      kind: "refused",
    });
  });

  it("shows each byte as it comes", async () => {
    const id = await running(bench, "printf 'no newline'; sleep 30");
    await eventually(async () => textOf(await lookAtJob(bench.workspace(), id)), "no newline");
    expect(await readJobOutput(bench.workspace(), id, { limit: 5 })).toMatchObject({
      text: "no newline",
      totalLines: 1,
    });
    await killJob(bench.workspace(), id);
  });
}

export function listCases(bench: ShellBench): void {
  it("is in the list, with what it is called and how it is", async () => {
    const ended = await quick(bench, "echo 1234", { label: "the first\n'job' of $all", notifies: true });
    const id = await running(bench, "sleep 30", { label: "the second" });
    const jobs = await listJobs(bench.workspace());
    expect(jobs.find((job) => job.id === ended.id)).toMatchObject({
      label: "the first 'job' of $all",
      notifies: true,
      status: "ended",
      exitCode: 0,
      bytes: 5,
    });
    expect(jobs.find((job) => job.id === id)).toMatchObject({
      label: "the second",
      notifies: false,
      status: "running",
    });
    await killJob(bench.workspace(), id);
  });

  it("can be removed once it has ended, and its output kept", async () => {
    const id = await running(bench, "echo words; sleep 30");
    expect(await removeJob(bench.workspace(), id, "kept.txt")).toBeUndefined();
    // Killed before it has said them, it never says them.
    await eventually(async () => textOf(await lookAtJob(bench.workspace(), id)), "words\n");
    expect(textOf(await killJob(bench.workspace(), id))).toBe("words\n");
    expect(await removeJob(bench.workspace(), id, "kept.txt")).toBe("~/.talaria/outputs/kept.txt");
    expect((await bench.run("cat ~/.talaria/outputs/kept.txt")).output).toBe("words\n");
    expect((await lookAtJob(bench.workspace(), id)).status).toBe("lost");
  });

  it("is removed a day after its end, and earlier where there are more than 64, but never while it runs", async () => {
    const id = await running(bench, "sleep 60");
    const age = async (job: string, seconds: number) =>
      bench.run(
        `cd ~/.talaria/jobs/${job} && { echo $((EPOCHSECONDS - ${seconds})); tail -n +2 label; } > l && mv l label
read -r word code timed killed _ < state
[ "$word" != ended ] || printf '%-63s' "ended $code $timed $killed $((EPOCHSECONDS - ${seconds}))" > state`,
      );
    const old = await quick(bench, "true");
    await age(old.id, 90_000);
    await age(id, 90_000);
    expect((await listJobs(bench.workspace())).map((job) => job.id)).toEqual(expect.not.arrayContaining([old.id]));
    const { id: last } = await quick(bench, "true");
    await bench.run(
      `cd ~/.talaria/jobs && for n in $(seq 1 70); do mkdir copy-$n; cp ${last}/{label,state,output,lock} copy-$n; done`,
    );
    await age(last, 3_600);
    const ids = (await listJobs(bench.workspace())).map((job) => job.id);
    expect(ids).toHaveLength(64);
    expect([ids.includes(id), ids.includes(last)]).toEqual([true, false]);
    await killJob(bench.workspace(), id);
    await bench.run("rm -rf ~/.talaria/jobs/copy-*");
  });
}

/** Where a backend has a spool, rings can be seen in it; the others ring over HTTP (tests/core/shells/jobs.test.ts). */
export function ringCases(bench: ShellBench): void {
  const url = "http://127.0.0.1:9/shell/jobs/this-one";
  const rings = async (id: string) =>
    (await bench.run(`cat ${bench.workspace().spool}/${id}.*.json 2>/dev/null`)).output
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown);

  it("rings into the spool when it ends and nobody was there", async (context) => {
    if (bench.workspace().spool === undefined) return context.skip("this backend has no spool");
    const id = await running(bench, "sleep 0.3", { url });
    const ring = { url, body: { event: "ended", number: 1, line: "" } };
    expect(await eventually(() => rings(id), [ring])).toEqual([ring]);
  });

  it("does not ring for whoever saw its end", async (context) => {
    if (bench.workspace().spool === undefined) return context.skip("this backend has no spool");
    const { id } = await quick(bench, "true", { url });
    const other = await running(bench, "true", { url }).catch(() => undefined);
    if (other !== undefined) await eventually(async () => (await rings(other)).length, 1);
    expect(await rings(id)).toEqual([]);
  });

  it("rings when a line is what was watched for", async (context) => {
    if (bench.workspace().spool === undefined) return context.skip("this backend has no spool");
    const command = String.raw`echo starting; printf 'a "ready" \\o/ [x]\tline\n'; sleep 30`;
    const id = await running(bench, command, { url, watchPatterns: ["never", "] [", '"ready"'] });
    const line = String.raw`a "ready" \o/ [x] line`;
    const ring = { url, body: { event: "matched", number: 1, line } };
    expect(await eventually(() => rings(id), [ring])).toEqual([ring]);
    await killJob(bench.workspace(), id);
  });
}
