/** Commands that run as if one shell stayed open. */
import { describe, expect, it } from "vitest";
import { quote } from "../../core/shells/quote.ts";
import { runInSession } from "../../core/shells/session.ts";
import { timeoutMs, type ShellBench } from "./shell-bench.ts";

export function sessionCases({ run, only, newSession, workspace }: ShellBench): void {
  describe("a session", () => {
    it("keeps exported variables, whatever is in them", async () => {
      const session = newSession();
      const value = `it's "5 $" \`x\` \\ žluť\nsecond`;
      await session(`export VALUE=${quote(value)}`);
      expect((await session('printf "%s" "$VALUE"')).output).toBe(value);
    });

    it("keeps the cwd and says when it changed", async () => {
      const session = newSession();
      const moved = await session("mkdir -p 'sub folder' && cd 'sub folder'");
      expect(moved).toMatchObject({ cwdChanged: true, output: "", exitCode: 0 });
      const after = await session("pwd");
      expect(after).toMatchObject({ cwdChanged: false, output: `${moved.cwd}\n`, cwd: moved.cwd });
      expect(moved.cwd).toMatch(/\/sub folder$/);
    });

    only("whole-session")("keeps functions and aliases", async () => {
      const session = newSession();
      await session("greet() { echo \"hello $1\"; }\nalias shout='echo LOUD'");
      expect((await session("greet you; shout")).output).toBe("hello you\nLOUD\n");
    });

    only("whole-session")("keeps what was set before exit, and its code", async () => {
      const session = newSession();
      expect((await session("export CODE=kept; exit 7")).exitCode).toBe(7);
      expect((await session("echo $CODE")).output).toBe("kept\n");
    });

    only("whole-session")("is not harmed by set -e, set -u and set -x", async () => {
      const session = newSession();
      const result = await session("export STRICT=1; set -eux; false; echo not reached");
      expect(result.exitCode).toBe(1);
      expect(result.output).not.toContain("__talaria");
      expect((await session("echo $STRICT $UNSET")).output).toBe("1\n");
    });

    only("whole-session")("keeps its own work apart from the aliases and functions of the person", async () => {
      const session = newSession();
      await session('alias mv=false mkdir=false; cd() { builtin cd "$@" && echo moved; }; export A=1');
      expect((await session("export A=2; cd /tmp")).output).toBe("moved\n");
      expect(await session("echo $A $PWD")).toMatchObject({ output: "2 /tmp\n", exitCode: 0 });
    });

    it("forgets a variable that was unset", async () => {
      const session = newSession();
      await session("export GONE=1");
      await session("unset GONE");
      expect((await session('echo "[$GONE]"')).output).toBe("[]\n");
    });

    it("passes on the exit code and the input", async () => {
      const session = newSession();
      expect(await session("cat; (exit 9)", { stdin: "in" })).toMatchObject({ output: "in", exitCode: 9 });
    });

    it("shows the output as it was, with or without a newline at its end", async () => {
      const session = newSession();
      expect((await session("printf 'no newline'")).output).toBe("no newline");
      expect((await session("echo; echo")).output).toBe("\n\n");
    });

    it("keeps state as it was when a command is killed", async () => {
      const session = newSession();
      await session("export STATE=before; mkdir -p here; cd here");
      const killed = await session("export STATE=after; cd /; sleep 30", { timeoutMs: 1_000 });
      expect(killed).toMatchObject({ exitCode: 124, timedOut: true, cwdChanged: false });
      expect((await session('echo "$STATE ${PWD##*/}"')).output).toBe("before here\n");
    });

    it("runs one command elsewhere without moving", async () => {
      const session = newSession();
      await session("mkdir -p stay elsewhere/inner; cd stay");
      const result = await session("echo ${PWD##*/}; cd inner; export FROM=there", { workdir: "../elsewhere" });
      expect(result).toMatchObject({ output: "elsewhere\n", cwdChanged: false });
      expect((await session("echo $FROM ${PWD##*/}")).output).toBe("there stay\n");
    });

    it("knows ~ in a workdir", async () => {
      await run("mkdir -p 'at home'");
      expect((await newSession()("echo ${PWD##*/}", { workdir: "~/at home" })).output).toBe("at home\n");
    });

    it("refuses a workdir that does not exist with 126", async () => {
      const result = await newSession()("echo ran", { workdir: "no/such 'folder'" });
      expect(result.exitCode).toBe(126);
      expect(result.output).toBe(
        "The workdir no/such 'folder' does not exist, so nothing was run. Create it first or leave workdir out.\n",
      );
    });

    it("goes home with 126 when its folder is gone", async () => {
      const session = newSession();
      await session("mkdir -p doomed; cd doomed");
      await run("rm -r doomed");
      const result = await session("echo ran");
      expect(result).toMatchObject({ exitCode: 126, cwdChanged: true });
      expect(result.output).toContain("is gone, so nothing was run");
      expect((await session("echo ${PWD##*/} ${HOME##*/}")).output).toMatch(/^(\S+) \1\n$/);
    });

    it("does not touch another session", async () => {
      const one = newSession();
      const two = newSession();
      await one("export MINE=1; mkdir -p one; cd one");
      expect((await two('echo "[$MINE]"; [ "$PWD" = "$HOME" ] && echo home')).output).toBe("[]\nhome\n");
    });

    it("reports a syntax error as bash does", async () => {
      const session = newSession();
      await session("export BEFORE=1");
      expect((await session("if then")).exitCode).toBeGreaterThan(0);
      expect((await session("echo $BEFORE")).output).toBe("1\n");
    });

    it("keeps quotes, newlines and here-documents of a command", async () => {
      const session = newSession();
      expect((await session("cat <<'END'\nit's $here\nEND\necho \"a\nb\"")).output).toBe("it's $here\na\nb\n");
    });

    only("whole-session")("leaves no report behind when the command ends in its own way", async () => {
      const session = newSession();
      expect((await session("exec echo replaced")).output).toBe("replaced\n");
      expect((await session("trap 'echo bye' EXIT; echo hi")).output).not.toContain("talaria");
    });

    it("refuses a session id that is no name", async () => {
      await expect(runInSession(workspace(), { session: "../x", command: "true", timeoutMs })).rejects.toMatchObject({
        kind: "refused",
      });
    });
  });
}
