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

it("runs a few events at a time, in the order in which they came, and keeps the rest for the next start", async () => {
  const folder = mkdtempSync(join(tmpdir(), "talaria-events-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const started: string[] = [];
  const running = new Map<string, () => void>();
  const queue = createEventQueue({
    folder,
    clock: backgroundClock,
    log: silentLog,
    invoke: (_name, payload) => {
      started.push(payload);
      return new Promise((resolve) => running.set(payload, () => resolve({ requestId: "1", payload })));
    },
  });
  const all = Array.from({ length: 20 }, (_, number) => `${number}`);
  for (const payload of all) queue.accept("review", payload);
  await expect.poll(() => started).toEqual(all.slice(0, 8));
  running.get("3")?.();
  running.get("5")?.();
  await expect.poll(() => started).toEqual(all.slice(0, 10));
  queue.close();
  for (const end of running.values()) end();
  await expect.poll(() => readdirSync(folder)).toHaveLength(10);
  expect(started).toEqual(all.slice(0, 10));
});
