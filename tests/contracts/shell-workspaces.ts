/** What persists, and what is kept apart. */
import { describe, expect, it } from "vitest";
import { timeoutMs, type ShellBench } from "./shell-bench.ts";

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
        run("i=0; while [ ! -e two-ran ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done; cat two-ran"),
        run("echo seen > two-ran; echo two"),
      ]);
      expect([one.output, two.output]).toEqual(["seen\n", "two\n"]);
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
