/** Progress for a person: one line for each thing that was looked at, and in the end what is wrong. */
import { messageOf } from "../../../core/base/errors.ts";

export interface Report {
  /** A headline for what follows. */
  section(title: string): void;
  /** Runs something that must not throw; false when it did. */
  check(name: string, run: () => unknown): Promise<boolean>;
  /** Prints the counts; true when nothing failed. */
  finish(): boolean;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

export function openReport(): Report {
  const startedAt = performance.now();
  const failures: string[] = [];
  let passed = 0;
  return {
    section: (title) => console.log(`\n${title}`),
    async check(name, run) {
      const before = performance.now();
      try {
        await run();
        passed += 1;
        const ms = performance.now() - before;
        console.log(`  ✓ ${name}${ms > 1000 ? ` (${seconds(ms)})` : ""}`);
        return true;
      } catch (error) {
        failures.push(name);
        console.log(`  ✗ ${name}\n${messageOf(error).replaceAll(/^/gm, "      ")}`);
        return false;
      }
    },
    finish() {
      const [first] = failures;
      if (first) console.log(`\nNot right: ${first}. The lines below the first ✗ say more.`);
      console.log(`\nThis took ${seconds(performance.now() - startedAt)}.`);
      console.log(`${passed} passed, ${failures.length} failed`);
      return failures.length === 0;
    },
  };
}
