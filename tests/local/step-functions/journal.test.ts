import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openJournals } from "../../../local/step-functions/journal.ts";

/** Journals, of which one is written well and cannot be put on the disk: no device that keeps nothing can. */
function journalsWithBadOne() {
  const folder = mkdtempSync(join(tmpdir(), "talaria-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "running"));
  symlinkSync("/dev/null", join(folder, "running", "bad.jsonl"));
  return openJournals(folder, true, (write) => write());
}

it("tells whoever waits that the disk failed, and goes on with the next records", async () => {
  const journals = journalsWithBadOne();
  journals.append("bad", [{ kind: "start" }]);
  const waiting = [journals.sync(), journals.sync()];
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  for (const id of ["one", "two"]) {
    journals.append(id, [{ kind: "start" }]);
    await journals.sync();
    expect(journals.read(id)).toEqual([{ kind: "start" }]);
  }
  await journals.close();
});

it("ends no process when the disk fails while nobody waits", async () => {
  const journals = journalsWithBadOne();
  journals.append("bad", [{ kind: "start" }]);
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  await expect.poll(() => journals.sync()).toBeUndefined();
});
