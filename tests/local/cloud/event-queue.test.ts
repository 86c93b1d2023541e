import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { silentLog } from "../../../core/base/log.ts";
import { backgroundClock } from "../../../local/cloud/clock.ts";
import { createEventQueue } from "../../../local/cloud/event-queue.ts";

it("ends no process when an event that is done cannot be removed, and keeps it for the next start", async () => {
  const folder = mkdtempSync(join(tmpdir(), "talaria-events-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const warnings: string[] = [];
  const queue = createEventQueue({
    folder,
    clock: backgroundClock,
    log: { ...silentLog, warn: (event) => warnings.push(event) },
    invoke: (_name, payload) => {
      // A folder of its name cannot be removed as a file, as nothing can on a disk that has become read-only.
      for (const file of readdirSync(folder)) {
        rmSync(join(folder, file));
        mkdirSync(join(folder, file));
      }
      return Promise.resolve({ requestId: "1", payload });
    },
  });
  queue.accept("review", "{}");
  await expect.poll(() => warnings).toEqual(["event.kept"]);
  expect(readdirSync(folder)).toHaveLength(1);
});
