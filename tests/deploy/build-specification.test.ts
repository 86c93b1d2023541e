import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildSpecification } from "../../stacks/shell-image.ts";

const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
const { pre_build: before, build } = buildSpecification.phases;

/** Runs the commands as CodeBuild does, each as it stands, with programs that note what they were asked and were given. */
function run(failing = "-") {
  const folder = mkdtempSync(join(tmpdir(), "talaria-build-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = (name: string, text: string) => {
    const note = `echo "${name} $*" >> "$NOTES"\ncase "$*" in "$FAILING"*) exit 1 ;; esac\n`;
    writeFileSync(join(folder, name), `#!/bin/sh\n${note}${text}`);
    chmodSync(join(folder, name), 0o755);
  };
  program("aws", "echo the-password\n");
  program("docker", 'case "$*" in login*) echo "given $(cat)" >> "$NOTES" ;; esac\n');
  const notes = join(folder, "notes");
  const env = {
    PATH: [folder, process.env["PATH"]].join(delimiter),
    NOTES: notes,
    FAILING: failing,
    REPOSITORY: `${registry}/talaria-test-shell`,
    TAG: "0a1b",
  };
  const statuses: (number | null)[] = [];
  for (const command of [...before.commands, ...build.commands]) {
    const { status } = spawnSync("bash", ["-c", command], { cwd: folder, env });
    statuses.push(status);
    if (status !== 0) break;
  }
  return { statuses, notes: existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : [] };
}

const logIn = [
  "aws ecr get-login-password",
  `docker login --username AWS --password-stdin ${registry}`,
  "given the-password",
];
const image = `${registry}/talaria-test-shell:0a1b`;

describe("the build of the shell's image", () => {
  it("logs in to the registry, builds what is there and pushes it under its tag", () => {
    const { statuses, notes } = run();
    expect(statuses).toEqual([0, 0, 0]);
    // The two ends of the pipe begin at once.
    expect(notes.slice(0, 3).toSorted()).toEqual(logIn.toSorted());
    expect(notes.slice(3)).toEqual([`docker build --tag ${image} .`, `docker push ${image}`]);
  });

  it("pushes nothing that could not be built", () => {
    const { statuses, notes } = run("build");
    expect(statuses.at(-1)).toBe(1);
    expect(notes.at(-1)).toBe(`docker build --tag ${image} .`);
  });
});
