/** What one script gets and returns. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { quote } from "../../core/shells/quote.ts";
import { type ShellBench } from "./shell-bench.ts";

export function scriptCases({ run, only, backend }: ShellBench): void {
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

    only("programs")("finds no more in its environment than it needs", async () => {
      const { output } = await run("env -0 | tr '\\0' '\\n' | sed 's/=.*//' | sort");
      const names = output.split("\n").filter((name) => !/^(PATH|HOME|LANG|TERM|PWD|OLDPWD|SHLVL|_|)$/.test(name));
      // By this one a backend may find a script's processes again; no shell can use or save a variable of that name.
      expect(names.filter((name) => name !== "talaria.run")).toEqual([]);
    });

    only("programs")("inherits no open file but its input and its two outputs", async () => {
      expect((await run("ls /proc/$$/fd")).output).toBe("0\n1\n2\n");
    });

    only("programs")("can open its input and outputs again by name", async () => {
      const script = "echo a > /dev/stdout; echo b > /dev/stderr; cat /dev/stdin";
      expect((await run(script, { stdin: "c\n" })).output).toBe("a\nb\nc\n");
    });

    only("programs")("may become another program", async () => {
      expect(await run("exec bash -c 'echo other; exit 3'")).toMatchObject({ output: "other\n", exitCode: 3 });
    });

    only("programs")("may close its outputs", async () => {
      expect(await run("echo open; exec >&- 2>&-; echo lost; exit 4")).toMatchObject({ output: "open\n", exitCode: 4 });
    });

    it("may end with the code of a time-out or an interrupt without having had one", async () => {
      expect(await run("exit 124")).toMatchObject({ exitCode: 124, timedOut: false });
      expect(await run("exit 130")).toMatchObject({ exitCode: 130, interrupted: false });
    });

    only("programs")("arrives whole, whatever characters are in it", async () => {
      const line = `it's "5 $" \`x\` \\ žluť 馬 🐎 \t\u0001\u007f${"z".repeat(200)}\n`;
      const text = line.repeat(1_000);
      const digest = createHash("sha256").update(text).digest("hex");
      expect((await run(`printf '%s' ${quote(text)} | sha256sum`)).output).toBe(`${digest}  -\n`);
    });

    only("programs")("gets its input whole, whatever bytes are in it", async () => {
      const stdin = Buffer.alloc(
        3_000_000,
        Uint8Array.from({ length: 251 }, (_, index) => index),
      );
      const digest = createHash("sha256").update(stdin).digest("hex");
      expect((await run("sha256sum", { stdin })).output).toBe(`${digest}  -\n`);
    });

    only("programs")("gets the rest of an input that it reads in parts", async () => {
      const { output } = await run('read -r first; echo "[$first]"; head -c 3 >/dev/null; cat', {
        stdin: "one\ntwo\nend",
      });
      expect(output).toBe("[one]\n\nend");
    });

    it("says what it is", () => {
      expect(backend().description.length).toBeGreaterThan(40);
    });
  });
}
