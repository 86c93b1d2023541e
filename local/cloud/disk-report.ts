import { messageOf, refused, TalariaError } from "../../core/base/errors.ts";
import type { Log } from "../../core/base/log.ts";

/**
 * Tells the person that the data folder cannot be written, once and not for each request, and once that work goes on.
 * Parts fail and recover on their own, since each finds out only when it writes. What cannot be read is said once, too.
 */
export interface DiskReport {
  /** A part of the cloud could not write. */
  failed(part: string, error: unknown): void;
  /** It could. */
  works(part: string): void;
  /** A part could not read something that is kept; all else may go on, so there is no end of it to tell. */
  unreadable(part: string, error: unknown): void;
  /** Does a piece of work and reports how it went. */
  watch<Result>(part: string, work: () => Result): Result;
}

interface DiskReportOptions {
  folder: string;
  log: Log;
  /** A line for whoever sits at the machine: on a full disk the log is lost too. */
  notify: (line: string) => void;
}

export function createDiskReport({ folder, log, notify }: DiskReportOptions): DiskReport {
  const troubled = new Set<string>();
  const unreadable = new Set<string>();
  const report: DiskReport = {
    failed(part, error) {
      const isNews = troubled.size === 0;
      troubled.add(part);
      if (!isNews) return;
      log.error("disk.failed", { part, reason: messageOf(error) });
      notify(diskFailure(folder, error));
    },
    works(part) {
      if (!troubled.delete(part) || troubled.size > 0) return;
      log.info("disk.works");
      notify(`${folder} can be written again: work goes on.`);
    },
    unreadable(part, error) {
      if (unreadable.has(part)) return;
      unreadable.add(part);
      log.error("disk.unreadable", { part, reason: messageOf(error) });
      notify(`Something in ${folder} cannot be read (${messageOf(error)}). What needs it fails; nothing else does.`);
    },
    watch(part, work) {
      try {
        const result = work();
        report.works(part);
        return result;
      } catch (error) {
        report.failed(part, error);
        throw error;
      }
    },
  };
  return report;
}

/** Does what a start consists of; a full disk is said in a sentence. */
export async function onDiskWithRoom<Result>(folder: string, start: () => Promise<Result>): Promise<Result> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof TalariaError || !isDiskFull(error)) throw error;
    throw refused(`The disk of ${folder} is full. Free some space, then start again.`, {
      cause: error,
      code: "cloud.disk-full",
    });
  }
}

/** What a failed write means for the person. */
const diskFailure = (folder: string, error: unknown): string =>
  isDiskFull(error)
    ? `The disk of ${folder} is full. Nothing is lost, and nothing goes on: free some space, and work goes on by itself.`
    : `${folder} cannot be written (${messageOf(error)}). Nothing goes on until it can.`;

const sqliteFull = 13;

/** Node, SQLite and LevelDB each say it in their own way. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode, cause } = error as Error & { code?: string; errcode?: number };
  if (code === "ENOSPC" || code === "EDQUOT" || errcode === sqliteFull) return true;
  return /no space left|quota exceeded/i.test(error.message) || isDiskFull(cause);
}
