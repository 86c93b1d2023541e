import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkpoint } from "../../../core/shells/checkpoints/checkpoint.ts";
import { diffCheckpoint, listCheckpoints, restoreCheckpoint } from "../../../core/shells/checkpoints/look.ts";
import { rollbackText } from "../../../core/shells/checkpoints/rollback.ts";
import { justBashRunner } from "../../../core/shells/local/just-bash.ts";
import { patch } from "../../../core/tools/patch.ts";
import { writeFile } from "../../../core/tools/write-file.ts";
import { newBench } from "../tools/tool-bench.ts";
import { bubblewrapHere } from "./runners.ts";

const runner = await bubblewrapHere();
const hasGit = runner !== undefined && (await (await newBench(runner)).shell("command -v git")).trim() !== "";
if (!hasGit) console.log("skipped: checkpoints, for which this machine needs bubblewrap and git");

/** All files below a folder with their contents and modes, as one text. */
const listing = `find . -path ./.talaria -prune -o -path '*/.git' -prune -o \\( -type f -o -type l \\) -printf '%p %l %m ' -exec sh -c 'od -An -c "$1" 2>/dev/null | tr -d "\\n"' _ {} \\; -printf '\\n' | sort`;

describe.skipIf(!hasGit)("checkpoints", () => {
  const bench = async () => {
    if (runner === undefined) throw new Error("unreachable: the suite is skipped");
    const made = await newBench(runner);
    let turns = 0;
    const take = (label: string, path?: string) => {
      turns += 1;
      return checkpoint(made.workspace, {
        session: made.context.session,
        turnKey: `${made.context.session}#${turns}`,
        label,
        ...(path !== undefined && { path }),
      });
    };
    const list = async () => {
      const answer = await listCheckpoints(made.workspace);
      if (answer.status !== "done") throw new Error(answer.status);
      return answer.value;
    };
    const newest = async () => {
      const [first] = await list();
      if (first === undefined) throw new Error("there is no checkpoint");
      return first;
    };
    return { ...made, take, list, newest };
  };

  it("bring back every kind of change to the byte, and what was there before that too", async () => {
    const { workspace, shell, take, newest } = await bench();
    await shell(
      `mkdir -p src deep/er; printf 'a\\r\\nb\\n\\0c' > src/bytes; echo 'text  ' > "deep/er/it's odd"; ln -s src link;
printf '#!/bin/sh\\n' > run; chmod 755 run; echo gone > gone; : > empty; printf '* text eol=crlf\\n*.x filter=lfs\\n' > .gitattributes; echo x > a.x`,
    );
    const before = await shell(listing);
    await take("a change");
    await shell(
      `echo changed > src/bytes; rm gone link; mkdir link; echo new > link/new; mv run ran; chmod 644 ran; echo more >> "deep/er/it's odd"; rm -r empty; mkdir empty; echo i > empty/in; echo y > a.x; echo z > new`,
    );
    const after = await shell(listing);
    expect(after).not.toBe(before);

    expect(await restoreCheckpoint(workspace, await newest(), "key")).toMatchObject({ status: "done" });
    expect(await shell(listing)).toBe(before);
    expect(await rollbackText(workspace, "1", randomUUID())).toContain("`/rollback 1` undoes this.");
    expect(await shell(listing)).toBe(after);
  });

  it("keep what lies in a project's own repository, and leave that repository alone", async () => {
    const { workspace, shell, take, newest } = await bench();
    const id = "-c user.name=me -c user.email=me@localhost";
    await shell(
      `mkdir p; cd p; git init -q; echo 1 > f; git add f; git ${id} commit -qm first; echo staged > s; git add s; echo 2 > f`,
    );
    const own = "cd p; git status --short; git log --oneline | wc -l; find .git -type f | sort | xargs cksum";
    const state = await shell(own);
    await take("a change", "p/f");
    expect(await newest()).toMatchObject({ folder: "/workspace/p", label: "a change" });
    await shell("echo 3 > p/f; echo new > p/new");
    await restoreCheckpoint(workspace, await newest(), "key");
    expect(await shell("cat p/f; ls p")).toBe("2\nf\ns\n");
    expect((await shell(own)).replace(/.* \.git\/index\n/, "")).toBe(state.replace(/.* \.git\/index\n/, ""));
  });

  it("keep projects inside of the home's checkpoint", async () => {
    const { workspace, shell, take, newest } = await bench();
    await shell("mkdir -p p; cd p; git init -q; echo 1 > f");
    await take("a change");
    expect(await newest()).toMatchObject({ folder: "/workspace" });
    await shell("echo 2 > p/f");
    await restoreCheckpoint(workspace, await newest(), "key");
    expect(await shell("cat p/f")).toBe("1\n");
  });

  it("are made once in a turn and a folder, before its first change by a tool", async () => {
    const { call, context, shell, list } = await bench();
    await shell("mkdir p q; touch p/package.json q/package.json; echo old > p/f");
    await call(writeFile, { path: "p/f", content: "new" });
    await call(patch, { path: "p/f", old_string: "new", new_string: "newer" });
    expect(await list()).toMatchObject([{ folder: "/workspace/p", label: "write_file p/f", turn: context.turn }]);
    await call(writeFile, { path: "q/f", content: "x" });
    await call(writeFile, { path: "q/g", content: "x" });
    expect((await list()).map(({ folder }) => folder)).toEqual(["/workspace/q", "/workspace/p"]);
    await call(writeFile, { path: "top", content: "x" });
    // The home's holds what is in it: a project that is touched after it in the same turn needs none of its own.
    await shell("mkdir r; touch r/package.json");
    await call(writeFile, { path: "r/f", content: "x" });
    expect((await list()).map(({ folder }) => folder)).toEqual(["/workspace", "/workspace/q", "/workspace/p"]);
  });

  it("are made before a file is written, also when calls run side by side", async () => {
    const { call, workspace, shell, list, newest } = await bench();
    await shell("echo old > a; echo old > b; echo old > c");
    await Promise.all(["a", "b", "c"].map((path) => call(writeFile, { path, content: "new" })));
    expect(await list()).toHaveLength(1);
    await restoreCheckpoint(workspace, await newest(), "key");
    expect(await shell("cat a b c")).toBe("old\nold\nold\n");
  });

  it("leave out large files, what is made again, and keys; a rollback does not touch those", async () => {
    const { workspace, shell, take, newest } = await bench();
    await shell(
      "mkdir -p node_modules/x .ssh; echo 1 > node_modules/x/i; echo 1 > .ssh/id; echo 1 > .env; truncate -s 11000000 large; echo 1 > grows; echo 1 > f",
    );
    await take("a change");
    await shell("echo 2 | tee node_modules/x/i .ssh/id .env f; truncate -s 12000000 large; truncate -s 11000000 grows");
    await restoreCheckpoint(workspace, await newest(), "key");
    expect(await shell("cat node_modules/x/i .ssh/id .env f; stat -c %s large grows")).toBe(
      "2\n2\n2\n1\n12000000\n11000000\n",
    );
    expect(await shell("find .talaria/checkpoints -size +1000k")).toBe("");
  });

  it("leave out a folder that is too large, and say so once", async () => {
    const { shell, take, list } = await bench();
    await shell("for i in $(seq 55); do truncate -s 9500000 f$i; done");
    expect(await take("one")).toBe(
      "No checkpoint was made, so this cannot be undone: /workspace is left out, it holds more than 500 MB.",
    );
    expect(await take("two")).toBeUndefined();
    expect(await list()).toEqual([]);
    await shell("mkdir p; touch p/package.json");
    expect(await take("three", "p/f")).toBeUndefined();
    expect(await list()).toMatchObject([{ folder: "/workspace/p" }]);
  });

  it("are kept to the last twenty, and for a week", async () => {
    const { shell, take, list } = await bench();
    const inStore = "export GIT_DIR=$HOME/.talaria/checkpoints/store.git";
    await shell("echo 1 > f");
    await take("the first");
    // As if there had been twenty more turns.
    await shell(`${inStore}
for n in $(seq 2 21); do git update-ref refs/checkpoints/$(printf '%08d' $n) refs/checkpoints/00000001; done`);
    await take("the last");
    const kept = await list();
    expect(kept).toHaveLength(20);
    expect([kept[0]?.label, kept[0]?.id, kept[19]?.id]).toEqual(["the last", "00000022", "00000003"]);
    // Six of them become eight days old.
    await shell(`${inStore} GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x
old="$(( $(date +%s) - 8 * 86400 )) +0000"
for ref in $(git for-each-ref --format='%(refname)' refs/checkpoints | head -n 6); do
  git update-ref $ref "$(GIT_COMMITTER_DATE="$old" git commit-tree "$ref^{tree}" -m old)"
done`);
    await take("one more");
    expect(await list()).toHaveLength(15);
  });

  it("survive that git has cleared away what the index still remembers", async () => {
    const { workspace, shell, take, newest } = await bench();
    await shell("echo 1 > f");
    await take("one");
    await shell(`export GIT_DIR=$HOME/.talaria/checkpoints/store.git
git for-each-ref --format='delete %(refname)' | git update-ref --stdin; git prune --expire=now`);
    await take("two");
    await shell("echo 2 > f");
    expect(await restoreCheckpoint(workspace, await newest(), "key")).toMatchObject({ status: "done" });
    expect(await shell("cat f")).toBe("1\n");
  });

  it("never keep a tool from its work, whatever is wrong", async () => {
    const { call, shell, workspace, context } = await bench();
    await shell("mkdir .talaria; echo no folder > .talaria/checkpoints");
    expect(await call(writeFile, { path: "f", content: "x" })).toMatchObject({ created: true });
    const broken = { ...workspace, run: () => Promise.reject(new Error("the backend is gone")) };
    expect(await checkpoint(broken, { session: context.session, turnKey: "t", label: "l" })).toBeUndefined();
    const slow = { output: "", droppedBytes: 0, exitCode: 124, timedOut: true, interrupted: false };
    expect(
      await checkpoint({ ...workspace, run: async () => slow }, { session: context.session, turnKey: "t", label: "l" }),
    ).toContain("longer than 10 seconds");
  });

  it("pass by a lock that a killed script left, after a while", async () => {
    const { shell, take, list } = await bench();
    await shell("mkdir -p .talaria/checkpoints/lock; touch -d '5 minutes ago' .talaria/checkpoints/lock; echo 1 > f");
    await take("one");
    expect(await list()).toHaveLength(1);
  });

  it("do not keep secrets in their labels", async () => {
    const { take, newest } = await bench();
    const secret = ["ghp", "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3d"].join("_");
    await take(`terminal curl -H 'Authorization: token ${secret}'\nsecond line`);
    expect((await newest()).label).not.toContain(secret);
    expect((await newest()).label).toMatch(/^terminal curl .* second line$/);
  });

  describe("/rollback", () => {
    it("lists, shows a difference with secrets masked, and refuses what it does not understand", async () => {
      const { workspace, shell, take } = await bench();
      expect(await rollbackText(workspace, "", randomUUID())).toContain("There is no checkpoint yet");
      await shell("echo old > f");
      await take("write_file f", "f");
      const secret = ["ghp", "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3d"].join("_");
      await shell(`printf '%s\\n' '\`\`\`' 'token: ${secret}' > f`);
      expect(await rollbackText(workspace, " ", randomUUID())).toMatch(
        /^1\. \d{4}-\d\d-\d\d \d\d:\d\d UTC, before `write_file f` in `\/workspace`\n/,
      );
      const diff = await rollbackText(workspace, "diff 1", randomUUID());
      expect(diff).toMatch(/````diff\n[\s\S]*-old\n\+```\n[\s\S]*\n````$/);
      expect(diff).not.toContain(secret);
      expect(await rollbackText(workspace, "2", randomUUID())).toContain("There is no checkpoint 2.");
      expect(await rollbackText(workspace, "diff", randomUUID())).toContain("`/rollback diff 2`");
      expect(await rollbackText(workspace, "1; rm -rf /", randomUUID())).toContain("`/rollback diff 2`");
      expect(await shell("cat f | wc -l")).toBe("2\n");
    });

    it("does nothing twice for one message, also when it was stopped half-way", async () => {
      const { workspace, shell, take } = await bench();
      await shell("echo old > f");
      await take("one");
      await shell("echo new > f");
      const message = "it's a key\nof a message";
      expect(await rollbackText(workspace, "1", message)).toContain("undoes this");
      expect(await rollbackText(workspace, "1", message)).toContain("done already");
      expect(await shell("cat f")).toBe("old\n");
      // As a worker leaves it that died after the state before was kept.
      await shell("sed -i s/done/begun/ .talaria/checkpoints/rolled; echo half > f");
      expect(await rollbackText(workspace, "1", message)).toContain("undoes this");
      expect(await shell("cat f")).toBe("old\n");
      expect(await rollbackText(workspace, "1", "another message")).toContain("undoes this");
      expect(await shell("cat f")).toBe("half\n");
    });

    it("says when nothing changed", async () => {
      const { workspace, shell, take, newest } = await bench();
      await shell("echo old > f");
      await take("one");
      expect(await rollbackText(workspace, "diff 1", randomUUID())).toContain("Nothing changed in `/workspace`");
      expect(await diffCheckpoint(workspace, await newest())).toEqual({ status: "done", value: "" });
      expect(await rollbackText(workspace, "1", randomUUID())).toContain("already");
    });
  });
});

describe("checkpoints in a shell without git", () => {
  it("are off, which is said once and by /rollback", async () => {
    const { workspace, call } = await newBench(justBashRunner());
    expect(await call(writeFile, { path: "f", content: "x" })).toMatchObject({
      created: true,
      checkpoint: "No checkpoint was made, so this cannot be undone: there is no git in this shell.",
    });
    expect(await call(writeFile, { path: "f", content: "y" })).not.toHaveProperty("checkpoint");
    expect(await rollbackText(workspace, "", randomUUID())).toBe("There are no checkpoints: the shell has no git.");
  });
});
