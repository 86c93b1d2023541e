/** What one script gets and returns. */
import { describe, expect, it } from "vitest";
import { quote } from "../../core/shells/quote.ts";
import { type ShellBench } from "./shell-bench.ts";

export function scriptCases({ run, workspace }: ShellBench): void {
  describe("one script", () => {
    it("returns what was written and exit code 0", async () => {
      expect(await run("echo hello")).toEqual({
        output: "hello\n",
        exitCode: 0,
        droppedBytes: 0,
        timedOut: false,
        interrupted: false,
      });
    });

    it.each([1, 2, 42, 255])("returns exit code %i", async (code) => {
      expect(await run(`exit ${code}`)).toMatchObject({ exitCode: code, output: "" });
    });

    it("returns the exit code of its last command", async () => {
      expect((await run("true; false")).exitCode).toBe(1);
    });

    it("reports a command that does not exist with 127", async () => {
      const result = await run("no-such-command-here");
      expect(result.exitCode).toBe(127);
      expect(result.output).toContain("no-such-command-here");
    });

    it("reports a syntax error instead of throwing", async () => {
      const result = await run("if then (");
      expect(result.exitCode).not.toBe(0);
      expect(result.output).toContain("syntax error");
    });

    it("keeps both outputs in the order they were written", async () => {
      const { output } = await run("echo 1; echo 2 >&2; echo 3; echo 4 >&2");
      expect(output).toBe("1\n2\n3\n4\n");
    });

    it("gives an empty input when none is given", async () => {
      expect((await run("cat; echo end")).output).toBe("end\n");
    });

    it("feeds its input and closes it", async () => {
      expect((await run("cat; echo end", { stdin: "line 1\nline 2\n" })).output).toBe("line 1\nline 2\nend\n");
    });

    it("does not mind an input that nobody reads", async () => {
      expect(await run("echo done", { stdin: "x".repeat(1_000_000) })).toMatchObject({
        output: "done\n",
        exitCode: 0,
      });
    });

    it("keeps a large input whole", async () => {
      const stdin = "0123456789abcde\n".repeat(100_000);
      expect((await run("wc -c", { stdin })).output.trim()).toBe(String(stdin.length));
    });

    it("takes bytes as input", async () => {
      const stdin = Uint8Array.of(0, 255, 10, 195);
      expect((await run("od -An -tx1 | tr -s ' '", { stdin })).output.trim()).toMatch(
        /^(00 ff 0a c3|000 377 012 303)$/,
      );
    });

    it("keeps Unicode in the script, the input and the output", async () => {
      const text = "žluťoučký 馬 🐎 é";
      expect((await run(`printf '%s|' '${text}'; cat`, { stdin: text })).output).toBe(`${text}|${text}`);
    });

    it("survives output that is not text", async () => {
      const result = await run(String.raw`printf 'a\xff\xfe\x00b'`);
      expect(result.exitCode).toBe(0);
      expect(result.output).toMatch(/^a[^]+b$/);
    });

    it("takes quotes, dollars and newlines as they are", async () => {
      const text = `it's "quoted" $HOME \`date\` \\ *\nsecond line\t!`;
      expect((await run(`printf '%s' ${quote(text)}`)).output).toBe(text);
    });

    it("understands here-documents", async () => {
      expect((await run("name=you\ncat <<END\nhello $name\nEND\ncat <<'END'\n$name\nEND")).output).toBe(
        "hello you\n$name\n",
      );
    });

    it("takes a script longer than a command line may be", async () => {
      const long = "y".repeat(300_000);
      expect((await run(`text=${quote(long)}; echo \${#text}`)).output).toBe("300000\n");
    });

    it("starts in its home with a small environment", async () => {
      const { output } = await run('[ "$PWD" = "$HOME" ] && echo home; echo "$LANG $TERM"');
      expect(output).toBe("home\nC.UTF-8 dumb\n");
    });

    it("hands on nothing of our own environment", async () => {
      process.env["TALARIA_TEST_SECRET"] = "hunter2";
      expect((await run("env; export -p; cat /proc/self/environ 2>/dev/null; echo end")).output).not.toContain(
        "hunter2",
      );
    });

    it("says what it is", () => {
      expect(workspace().description.length).toBeGreaterThan(40);
    });
  });
}
