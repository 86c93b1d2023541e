import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Armed {
  /** Number of the outside call, counted from 1 in the order the calls begin. */
  at: number;
  when: "before" | "after";
}

/** The harness's side of the hook: arms it, and reads what happened. */
export interface Trigger {
  folder: string;
  arm(armed: Armed): void;
  /** Stops counting; returns how many calls there were, and where the worker was ended, if it was. */
  disarm(): { calls: number; fired: string | undefined };
  remove(): void;
}

export function makeTrigger(): Trigger {
  const folder = mkdtempSync(join(tmpdir(), "talaria-faults-"));
  const file = (name: string) => join(folder, name);
  return {
    folder,
    arm: (armed) => writeFileSync(file("armed"), JSON.stringify(armed)),
    disarm() {
      rmSync(file("armed"), { force: true });
      const fired = existsSync(file("fired")) ? readFileSync(file("fired"), "utf8") : undefined;
      const calls = readdirSync(folder).filter((name) => /^\d+$/.test(name));
      for (const name of [...calls, "fired"]) rmSync(file(name), { force: true });
      return { calls: calls.length, fired };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
