import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesFiles } from "../../../core/shells/checkpoints/changes-files.ts";

const changing = [
  "rm -rf build",
  "cd a && mv b c",
  "sudo rm x",
  "FOO=1 cp a b",
  "sed -i 's/a/b/' f",
  "perl -pi -e 's/a/b/' f",
  "echo hi > f",
  "cat a >> b",
  "ls|tee out",
  "find . -name '*.o' -delete",
  "git checkout -- .",
  "git -C x reset --hard",
  "npm install",
  "make",
  "python3 fix.py",
  "for f in *; do rm $f; done",
  "echo $(rm x)",
  "/bin/rm x",
  "eslint --fix .",
  "printf x >| f",
  "ls; truncate -s 0 f",
  "if true; then mv a b; fi",
  "git stash",
  "timeout 5 dd of=x",
];

const looking = [
  "ls -la",
  "cat f",
  "grep -rn 'rm -rf' .",
  "git status",
  "git log --oneline | head",
  "echo 'a > b'",
  "ps aux",
  "cmd 2>&1",
  "ls >/dev/null 2>&1",
  "find . -name x",
  "wc -l < f",
  "echo rm",
  "git diff a..b",
  "cd x && pwd",
  "echo done 1>&2",
  "[ 3 -gt 2 ]",
  "awk '$1 > 2' f",
  "jq '.a' f",
  "date",
];

describe("whether a command may change files", () => {
  it.each(changing)("yes: %s", (command) => expect(changesFiles(command)).toBe(true));
  it.each(looking)("no: %s", (command) => expect(changesFiles(command)).toBe(false));

  it("is said of any text", () => {
    fc.assert(
      fc.property(fc.string(), (command) => {
        expect(changesFiles(command)).toBeTypeOf("boolean");
      }),
    );
  });
});
