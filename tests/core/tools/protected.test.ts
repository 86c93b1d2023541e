import { describe, expect, it } from "vitest";
import { protectedPath } from "../../../core/tools/files/protected.ts";
import { callTool, newBench, toolRunners } from "./tool-bench.ts";
import { writeFile } from "../../../core/tools/write-file.ts";

const open = { isIsolated: false };
const isolated = { isIsolated: true };

const guarded = (
  "~/.ssh/authorized_keys /home/me/.ssh/config backup/id_ed25519 tls/site.pem a/b/KEY.P12 " +
  "~/.aws/credentials .kube/config ~/.config/gcloud/x.json ~/.docker/config.json .netrc app/.npmrc " +
  ".env packages/a/.env.production .envrc ./x/../.env ~/.bashrc .zshrc ~/.bash_profile " +
  "~/.config/fish/config.fish ~/.config/systemd/user/x.service ~/.gitconfig " +
  "project/.git/hooks/pre-push project/.git/config /etc/passwd /usr/lib/x"
).split(" ");

const ordinary = (
  "src/env.ts .env.example a/.env.sample docs/ssh.md keys.ts monkey src/aws/index.ts .gitignore " +
  ".github/workflows/ci.yml project/.gitattributes profile.ts bashrc.md home/etc/x"
).split(" ");

describe("the file guard", () => {
  it.each(guarded)("keeps file tools from %s outside of an isolated workspace", (path) => {
    expect(protectedPath(path, open)).toBeTypeOf("string");
    expect(protectedPath(path, isolated)).toBeUndefined();
  });

  it.each(ordinary)("has nothing against %s", (path) => {
    expect(protectedPath(path, open)).toBeUndefined();
  });

  it.each(["~/.talaria/sessions/x/state", "/workspace/.talaria/outputs/a.txt", ".talaria"])(
    "keeps file tools from %s anywhere",
    (path) => {
      expect(protectedPath(path, isolated)).toContain("belongs to");
      expect(protectedPath(path, open)).toContain("belongs to");
    },
  );

  const [bubblewrap] = toolRunners.filter(({ name }) => name === "bubblewrap");
  it.skipIf(bubblewrap === undefined)("sees through a folder's link and the current folder", async () => {
    if (bubblewrap === undefined) throw new Error("unreachable: the test is skipped");
    const { call, context, workspace, shell } = await newBench(bubblewrap);
    await shell("mkdir -p .ssh .talaria/jobs; ln -s .ssh harmless; ln -s .talaria/jobs work");
    const there = { ...context, workspace: async () => ({ ...workspace, isIsolated: false }) };
    expect((await callTool(writeFile, { path: "harmless/config", content: "x" }, there))["error"]).toContain(
      "holds keys",
    );
    expect((await call(writeFile, { path: "work/x", content: "x" }))["error"]).toContain("belongs to the program");
    expect(await shell("ls -A .ssh .talaria/jobs")).toBe(".ssh:\n\n.talaria/jobs:\n");
  });
});
