import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type GuardOptions, judgeCommand } from "../../../core/guard/command.ts";
import { dangerous as dangerousRules } from "../../../core/guard/rules/dangerous.ts";
import { hardline as hardlineRules } from "../../../core/guard/rules/hardline.ts";
import { outward as outwardRules } from "../../../core/guard/rules/outward.ts";
import { sudo as sudoRules } from "../../../core/guard/rules/sudo.ts";
import { carried } from "./corpus/carried.ts";
import { dangerous } from "./corpus/dangerous.ts";
import { hardline } from "./corpus/hardline.ts";
import { harmless } from "./corpus/harmless.ts";
import { obfuscated } from "./corpus/obfuscated.ts";
import { outward } from "./corpus/outward.ts";

const options: GuardOptions = {
  mode: "manual",
  isIsolated: false,
  outward: "ask",
  allowed: [],
  denied: [],
  attended: true,
};
const judge = (command: string, changes: Partial<GuardOptions> = {}) =>
  judgeCommand(command, { ...options, ...changes });
/** Of everyday commands; asking about one more would be a nuisance. */
const mostFalseAlarms = 3;

describe("the rules", () => {
  it("are at least as many as those of Hermes, each with a name of its own and a sentence", () => {
    const rules = [...hardlineRules, ...sudoRules, ...dangerousRules, ...outwardRules];
    expect(hardlineRules).toHaveLength(12);
    expect(dangerousRules.length).toBeGreaterThanOrEqual(99);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(rules.filter(({ reason }) => !/^[A-Z].*\.$/.test(reason))).toEqual([]);
  });
});

describe("the corpus", () => {
  it("is large enough to be a measure", () => {
    const sizes = [hardline, carried, dangerous, obfuscated, outward, harmless].map((list) => list.length);
    console.log(`guard corpus (hardline, carried, dangerous, obfuscated, outward, harmless): ${sizes.join(", ")}`);
    for (const [index, least] of [50, 200, 110, 60, 40, 300].entries())
      expect(sizes[index]).toBeGreaterThanOrEqual(least);
  });

  it.each(["manual", "smart", "off"] as const)("has every hardline command refused in mode %s", (mode) => {
    const missed = [...hardline, ...carried].filter(
      (command) => judge(command, { mode, outward: "allow" }).verdict !== "refuse",
    );
    expect(missed).toEqual([]);
  });

  it("has every dangerous command asked about", () => {
    const missed = dangerous.filter((command) => judge(command, { outward: "allow" }).verdict !== "ask");
    expect(missed).toEqual([]);
  });

  it("has every disguise seen through", () => {
    const missed = obfuscated.filter(([command, atLeast]) => {
      const { verdict } = judge(command, { outward: "allow" });
      return verdict === "allow" || (atLeast === "refuse" && verdict !== "refuse");
    });
    expect(missed).toEqual([]);
  });

  it.each([true, false])("has every outward command asked about, isolated: %s", (isIsolated) => {
    const missed = outward.filter(
      (command) => !judge(command, { isIsolated }).findings.some(({ family }) => family === "outward"),
    );
    expect(missed).toEqual([]);
  });

  it("lets everyday commands run", () => {
    const alarms = harmless.filter((command) => judge(command).verdict !== "allow");
    console.log(`guard: ${alarms.length} false alarms in ${harmless.length} everyday commands: ${alarms.join(" | ")}`);
    expect(alarms.length).toBeLessThanOrEqual(mostFalseAlarms);
  });
});

describe("the order of the rules", () => {
  const deletion = "rm -rf build";

  it("asks about outward effects alone on an isolated shell, and only when that is wanted", () => {
    expect(judge(deletion, { isIsolated: true }).verdict).toBe("allow");
    expect(judge("git push", { isIsolated: true }).verdict).toBe("ask");
    expect(judge("git push", { isIsolated: true, outward: "allow" }).verdict).toBe("allow");
  });

  it("refuses a password for sudo in every mode, but not in isolation", () => {
    const guess = "echo secret | sudo -S ls";
    expect(judge(guess, { mode: "off" }).findings[0]?.family).toBe("sudo");
    expect(judge(guess, { mode: "off", isIsolated: true }).verdict).toBe("allow");
  });

  it("refuses what the owner forbids, wrapped or not, in every mode and everywhere", () => {
    const denied = ["npm publish*", "* --force *"];
    for (const command of ["npm publish", "cd x && npm publish --tag next", "sh -c 'npm publish'", "x --force y"]) {
      expect(judge(command, { denied, mode: "off", isIsolated: true })).toMatchObject({
        verdict: "refuse",
        findings: [{ family: "denied" }],
      });
    }
    expect(judge("npm install", { denied }).verdict).toBe("allow");
  });

  it("asks about nothing in mode off", () => {
    expect(judge(`${deletion}; git push`, { mode: "off" })).toEqual({ verdict: "allow", findings: [] });
  });

  it("asks only about what was not allowed before", () => {
    const first = judge(`${deletion}; git push`);
    expect(first.findings.map(({ rule }) => rule)).toEqual(["delete.recursive", "outward.git-push"]);
    expect(judge(`${deletion}; git push`, { allowed: ["delete.recursive"] }).findings).toHaveLength(1);
    expect(judge(`${deletion}; git push`, { allowed: ["delete.recursive", "outward.git-push"] }).verdict).toBe("allow");
    expect(judge("rm -rf /", { allowed: ["hardline.delete-root"] }).verdict).toBe("refuse");
  });

  it("refuses instead of asking when nobody is there", () => {
    const { verdict, findings } = judge(deletion, { attended: false });
    expect(verdict).toBe("refuse");
    expect(findings[0]?.reason).toContain("Nobody is there");
    expect(judge("ls", { attended: false }).verdict).toBe("allow");
  });

  it("asks about what is too long or cannot be read", () => {
    for (const command of [`echo ${"a".repeat(130_000)}`, "echo 'open", "echo $(open", 'echo "open', "echo ${open"]) {
      expect(judge(command).findings).toMatchObject([{ rule: "unreadable" }]);
    }
  });
});

describe("what only the running shell knows", () => {
  const ways = [
    "$CMD",
    '"$CMD" origin',
    "$CMD/tool",
    "${CMD:-ls} -l",
    "${PATH:+git push}",
    "A=1 $CMD",
    'eval "$X"',
    "eval ls $X",
    'eval "$X$(ssh-agent -s)"',
    'bash -c "$X"',
    "sudo $X",
    "cat list | xargs -I{} {}",
    "alias ls=git",
    "alias ls='git -C x'",
    "alias ls=rm",
    "alias fetch='/usr/bin/curl -s'",
    'go() { git "$@"; }',
    'go() { "$@"; }',
    "f() { $X; }",
    "CMD=ls; read CMD < file; $CMD",
    "echo x > ~/.talaria/sessions/ses_1/state",
    "tee -a $HOME/.talaria/sessions/*/state < x",
    "cp x ~/.t*/sessions/s/state",
    "cd ~/.talaria/sessions/s && sed -i s/a/b/ state",
    "git $VERB",
    "gh $VERB $REST",
  ];

  it.each([true, false])("is asked about as an effect on others, and never for ever, isolated: %s", (isIsolated) => {
    const passed = ways.filter((command) => {
      const { verdict, findings } = judge(command, { isIsolated });
      return verdict !== "ask" || !findings.some(({ family }) => family === "outward");
    });
    expect(passed).toEqual([]);
    expect(judge("$CMD", { isIsolated, allowed: ["unknown.program"] }).verdict).toBe("ask");
    expect(judge("echo 'open", { isIsolated, allowed: ["unreadable"] }).verdict).toBe("ask");
  });

  it("is dangerous where effects on others are allowed, and nothing in isolation", () => {
    expect(judge("$CMD", { outward: "allow" }).findings).toMatchObject([
      { rule: "unknown.program", family: "dangerous" },
    ]);
    expect(judge("$CMD", { outward: "allow", isIsolated: true }).verdict).toBe("allow");
  });

  it("leaves variables alone that are no programs", () => {
    const everyday = [
      'git -C "$folder" status',
      'git commit -m "$message"',
      "git checkout $branch",
      "PORT=${PORT:-3000} npm start",
      "X=$Y make",
      '"$folder/run.sh" $1',
      "ls ${folder:-.}",
      "tool=ls; $tool -l",
      'if [ -n "$x" ]; then echo "$x"; fi',
      "for f in $files; do cat $f; done",
      "> $log ls",
      "alias ll='ls -l' gs='git status' rm='rm -i'",
      "f() { local name=$1; echo $name; }",
      'eval "$(pyenv init -)"',
      "cat ~/.talaria/outputs/a.txt",
      "echo $((x + 1)) $? $#",
      'docker run "$image"',
      'mkdir -p "$dir" && cd "$dir"',
      "cat <<E\n$x\nE",
    ];
    expect(everyday.filter((command) => judge(command).verdict !== "allow")).toEqual([]);
  });
});

describe("any text", () => {
  it("is judged without an error", () => {
    const piece = fc.constantFrom(
      ..."'\"`$(){}[]<>|&;\\\n \t*?~#=!-/\0".split(""),

      "rm",
      "-rf",
      "$(",
      "${",
      "<<EOF\n",
      "EOF",
      "$'",
      "\\x",
      "eval ",
      "bash -c ",
      "xargs ",
      "find ",
      "-exec",
      "a=$a$a;",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 60 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (command) => {
        expect(["allow", "ask", "refuse"]).toContain(judge(command).verdict);
      }),
      { numRuns: 2_000 },
    );
  });

  const quoted = (word: string) =>
    fc
      .array(fc.constantFrom("", "'", '"', "\\", "''", "$'"), { minLength: word.length, maxLength: word.length })
      .map((marks) =>
        word
          .split("")
          .map((character, index) => dressed(character, marks[index] ?? ""))
          .join(""),
      );
  const blank = fc.constantFrom(" ", "  ", "\t", " \\\n ", "${IFS}");
  const prefix = fc.constantFrom(
    "",
    "sudo ",
    "env A=1 ",
    "command ",
    "nice -n 5 ",
    "timeout 9 ",
    "ls; ",
    "true && ",
    "( ",
    "x=1 ",
  );

  it.each([
    "rm -rf /",
    "rm -r -f ~",
    "dd if=/dev/zero of=/dev/sda",
    "mkfs.ext4 /dev/sda1",
    "kill -9 -1",
    "shutdown -h now",
  ])("refuses %s with any quoting and spacing", (command) => {
    const words = command.split(" ");
    const variant = fc.tuple(
      prefix,
      fc.tuple(...words.map(quoted)),
      fc.array(blank, { minLength: words.length, maxLength: words.length }),
    );
    fc.assert(
      fc.property(variant, ([before, parts, blanks]) => {
        const text = parts.map(
          (part, index) => (part.startsWith("\\~") ? "~" : part) + (index < parts.length - 1 ? blanks[index] : ""),
        );
        expect(judge(before + text.join("")).verdict).toBe("refuse");
      }),
    );
  });

  it("takes a bounded number of steps, however texts are nested", () => {
    const units = [
      "$(",
      "`",
      "${",
      "'",
      '"',
      "(",
      "{a,b}",
      "env ",
      "eval ",
      "a=$a$a;",
      "bash -c ",
      "<<A\n",
      "|",
      "find . -exec ",
      "$xfor x in ",
      "for a in x y; do $a$a; ",
      "for a in $a b;",
      `for a in ${"x".repeat(9_000)} y; do ${"$a".repeat(20_000)}; `,
      "for a in x y; do a=$a$a; ",
      "watch ",
      "git -c alias.x=!git ",
      "PAGER=$PAGER$PAGER;",
      "sed -e /e",
      "function f { f | f",
      "parallel ",
      `find . -exec xargs >&]${"case x in ".repeat(8)}`,
    ];
    for (const unit of units) {
      expect(judge(unit.repeat(Math.floor(120_000 / unit.length))).verdict).toMatch(/allow|ask/);
    }
  }, 60_000);
});

function dressed(character: string, mark: string): string {
  if (mark === "\\") return `\\${character}`;
  if (mark === "$'") return `$'\\x${character.charCodeAt(0).toString(16)}'`;
  if (mark === "''") return `''${character}`;
  return `${mark}${character}${mark}`;
}
