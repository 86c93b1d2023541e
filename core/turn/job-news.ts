import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { redact } from "../guard/redact.ts";
import { type JobLook, troubleOf } from "../shells/jobs/job.ts";
import { lookAtJob } from "../shells/jobs/jobs.ts";
import type { Workspace } from "../shells/shell.ts";
import type { Door } from "../store/doorbells.ts";
import type { News, Ring } from "./ring.ts";

/** Of its output, the end is enough to know whether to look closer. */
const shownBytes = 3_000;

/** What the model is told when a background process rings, in the words of the person's side of the conversation. */
export const jobNews =
  ({ acquire, log }: { acquire(workspace: string): Promise<Workspace>; log: Log }) =>
  async ({ workspace }: Door, { job, event }: Ring): Promise<News> => {
    try {
      const look = await lookAtJob(await acquire(workspace), job, { windowBytes: shownBytes });
      return { text: newsText(look, event), isOver: look.status !== "running" };
    } catch (error) {
      log.warn("job.not-seen", { job, reason: messageOf(error) });
      // Nobody can look: what it says is passed on.
      const isOver = event === "ended";
      return {
        text: news(`The background process ${job} ${isOver ? "has ended" : "wrote what you watch for"}.`),
        isOver,
      };
    }
  };

function newsText(look: JobLook, event: Ring["event"]): string {
  const { id, status, exitCode, output } = look;
  const said = redact(output.tail || output.head).trim();
  const rest = said === "" ? "" : `\nThe end of its output:\n${said}`;
  if (status === "lost") return news(`The background process ${id} is gone: its machine stopped under it.${rest}`);
  if (event === "matched" && status === "running")
    return news(`The background process ${id} wrote what you watch for, and goes on.${rest}`);
  const error = troubleOf(look);
  const trouble = error === undefined ? "" : ` ${error}`;
  return news(`The background process ${id} has ended with exit code ${exitCode ?? "unknown"}.${trouble}${rest}`);
}

const news = (text: string) => `[Not from the person, but from your machine: ${text}]`;
