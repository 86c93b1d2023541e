import type { JobLook, JobOutput, JobStatus, JobSummary } from "./job.ts";
import { unsaved } from "../session.ts";
import { notSaid, outputPathOf } from "./scripts.ts";

/** Reads what `look` printed; `undefined` when it did not come so far. */
export function readLook(id: string, printed: string, marker: string): JobLook | undefined {
  const start = printed.indexOf(`${marker}S `);
  const end = printed.lastIndexOf(`${marker}.`);
  if (start < 0 || end < start) return undefined;
  const [first = "", report = "", head = "", tail = ""] = printed
    .slice(start + marker.length, end)
    .split(marker)
    .map((part) => part.slice(1));
  const [status, code, timed, killed, total, full, note] = first.trim().split(" ");
  const isSaid = report !== "" && report !== notSaid && !report.startsWith(unsaved);
  return {
    id,
    status: statusOf(status),
    stopped: note === "stopped",
    exitCode: status === "ended" ? Number(code) : undefined,
    timedOut: timed === "1",
    killed: killed === "1",
    flooded: note === "flooded",
    output: outputOf(head, tail, Number(total ?? 0)),
    outputPath: outputPathOf(id),
    cwd: isSaid ? report.slice(1) : undefined,
    cwdChanged: report.startsWith("1"),
    fullDisk: {
      endedIt: full === "ended",
      cutOutput: full === "output",
      lostSession: report.startsWith(unsaved),
    },
  };
}

const statusOf = (word: string | undefined): JobStatus => (word === "running" || word === "ended" ? word : "lost");

/** A character that the gap cuts in two is left out. */
function outputOf(head: string, tail: string, totalBytes: number): JobOutput {
  if (tail === "") return { head, tail, totalBytes, omittedBytes: 0 };
  const output = { head: head.replace(/\uFFFD$/, ""), tail: tail.replace(/^\uFFFD{1,3}/, ""), totalBytes };
  return { ...output, omittedBytes: Math.max(0, totalBytes - Buffer.byteLength(output.head + output.tail)) };
}

export function readList(printed: string, marker: string): JobSummary[] {
  const lines = printed.split("\n").filter((line) => line.startsWith(`${marker} `));
  const jobs = lines.map((line) => {
    const [, status, code, started, ended, bytes, id = "", notifies, ...label] = line.split(" ");
    return {
      id,
      label: label.join(" "),
      isProgram: notifies === "program",
      notifies: notifies === "tells",
      status: statusOf(status),
      exitCode: status === "ended" ? Number(code) : undefined,
      startedAt: Number(started) * 1000,
      endedAt: status === "ended" ? Number(ended) * 1000 : undefined,
      bytes: Number(bytes),
    };
  });
  return jobs.sort((a, b) => a.startedAt - b.startedAt);
}
