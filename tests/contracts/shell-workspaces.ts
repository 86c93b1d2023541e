/** What persists, and what is kept apart. */
import { describe, expect, it } from "vitest";
import { timeoutMs, type ShellBench } from "./shell-bench.ts";

/** Idle workspaces cost nothing. */
const noSleep = "this backend has no hibernate";

export function workspaceCases({ run, only, backend }: ShellBench): void {
  describe("workspaces", () => {
    it("keeps files between scripts", async () => {
      await run("mkdir -p kept/deep && echo content > 'kept/deep/a file'");
      expect((await run("cat 'kept/deep/a file'")).output).toBe("content\n");
    });

    it("keeps nothing else between scripts", async () => {
      await run("export LEFT=behind; cd /");
      expect((await run('echo "[$LEFT]"; [ "$PWD" = "$HOME" ] && echo home')).output).toBe("[]\nhome\n");
    });

    it("gives the same workspace for the same id", async () => {
      await run("echo same > same-id");
      const again = await backend().acquire("first");
      expect((await again.run("cat same-id", { timeoutMs })).output).toBe("same\n");
    });

    it("runs two scripts at once", async () => {
      const [one, two] = await Promise.all([
        run("i=0; while [ ! -s two-ran ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done; cat two-ran"),
        run("echo seen > two-ran; echo two"),
      ]);
      expect([one.output, two.output]).toEqual(["seen\n", "two\n"]);
    });

    it("keeps the outputs of scripts apart that run at once", async () => {
      const numbers = Array.from({ length: 6 }, (_, index) => index);
      const results = await Promise.all(
        numbers.map((number) => run(`for i in 1 2 3; do echo ${number}; done; exit ${number}`)),
      );
      expect(results.map(({ output, exitCode }) => `${output}${exitCode}`)).toEqual(
        numbers.map((number) => `${number}\n${number}\n${number}\n${number}`),
      );
    });

    only("programs")("keeps what files may do and what links point to", async () => {
      await run("printf '#!/bin/sh\\necho ran\\n' > tool; chmod 750 tool; ln -s tool link");
      expect((await run("stat -c %a tool; readlink link; ./link")).output).toBe("750\ntool\nran\n");
    });

    it("gives the same workspace to two who ask at once", async () => {
      const [one, two] = await Promise.all([backend().acquire("asked-twice"), backend().acquire("asked-twice")]);
      await one.run("echo shared > file", { timeoutMs });
      expect((await two.run("cat file", { timeoutMs })).output).toBe("shared\n");
      await backend().hibernate?.("asked-twice");
    });

    it("takes an id of 128 characters", async () => {
      const id = `long-${"x".repeat(121)}_9`;
      expect((await (await backend().acquire(id)).run("echo here", { timeoutMs })).output).toBe("here\n");
      await backend().hibernate?.(id);
    });

    it("keeps files while it sleeps", async ({ skip }) => {
      const { hibernate } = backend();
      if (hibernate === undefined) return skip(noSleep);
      await (await backend().acquire("sleeper")).run("mkdir -p a && echo kept > 'a/file of mine'", { timeoutMs });
      await hibernate("sleeper");
      const { output } = await (await backend().acquire("sleeper")).run("cat 'a/file of mine'", { timeoutMs });
      expect(output).toBe("kept\n");
    });

    it("keeps files while it sleeps a second time", async ({ skip }) => {
      const { hibernate } = backend();
      if (hibernate === undefined) return skip(noSleep);
      for (const night of [1, 2]) {
        await (await backend().acquire("sleeps-twice")).run(`echo ${night} >> nights`, { timeoutMs });
        await hibernate("sleeps-twice");
      }
      expect((await (await backend().acquire("sleeps-twice")).run("cat nights", { timeoutMs })).output).toBe("1\n2\n");
      await hibernate("sleeps-twice");
    });

    it("does nothing when it is sent to sleep twice, or never was awake", async ({ skip }) => {
      const { hibernate } = backend();
      if (hibernate === undefined) return skip(noSleep);
      await backend().acquire("tired");
      await hibernate("tired");
      await expect(hibernate("tired")).resolves.toBeUndefined();
      await expect(hibernate("never-awake")).resolves.toBeUndefined();
    });

    it("sleeps without the others", async ({ skip }) => {
      const { hibernate } = backend();
      if (hibernate === undefined) return skip(noSleep);
      await (await backend().acquire("asleep")).run("true", { timeoutMs });
      await hibernate("asleep");
      expect((await run("echo awake")).output).toBe("awake\n");
    });

    it("gives another id another workspace", async () => {
      const other = await backend().acquire("second");
      await run("echo private > of-the-first");
      expect((await other.run("ls -A | grep of-the; echo none", { timeoutMs })).output).toBe("none\n");
    });

    only("isolation")("lets no workspace reach another one", async () => {
      const other = await backend().acquire("second");
      await run("echo private > of-the-first");
      const { output } = await other.run(
        "cat ../first/of-the-first /*/first/of-the-first; find /tmp /home /root /run /mnt -name of-the-first",
        { timeoutMs },
      );
      expect(output).not.toContain("private");
      expect(output).not.toMatch(/^\/.*of-the-first$/m);
    });

    it.each(["", ".", "..", "a/b", "../first", "a b", "ünder", "x".repeat(129)])("refuses the id %j", async (id) => {
      await expect(backend().acquire(id)).rejects.toMatchObject({ kind: "refused" });
    });
  });
}
