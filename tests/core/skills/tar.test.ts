import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readTar, readTarGz } from "../../../core/skills/tar.ts";

const folder = mkdtempSync(join(tmpdir(), "talaria-tar-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const long = `deep/${"a-long-folder-name/".repeat(5)}${"n".repeat(120)}.md`;
const files = new Map([
  ["a.txt", "hello\n"],
  ["empty", ""],
  ["exact", "x".repeat(512)],
  ["umlaut-ü.md", "ü"],
  [`${"p".repeat(90)}/${"q".repeat(60)}`, "prefix"],
]);

/** Written by the machine's own tar. */
function archive(format: string, more: readonly (readonly [string, string])[] = []): Buffer {
  const root = mkdtempSync(join(folder, "in-"));
  for (const [path, content] of [...files, ...more]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  symlinkSync("/etc/passwd", join(root, "link"));
  return execFileSync("tar", [`--format=${format}`, "-czf", "-", "-C", root, "."], { maxBuffer: 1 << 24 });
}

describe("reading an archive", () => {
  it.each([
    ["ustar", []],
    ["pax", [[long, "long"]]],
    ["gnu", [[long, "long"]]],
  ] as const)("finds what tar has written in the format %s", (format, more) => {
    const entries = readTarGz(archive(format, more), 1 << 24);
    const found = entries
      .filter(({ kind }) => kind === "file")
      .map(({ path, content }) => [path.replace(/^\.\//, ""), Buffer.from(content).toString()]);
    expect(new Map(found as [string, string][])).toEqual(new Map([...files, ...more]));
    expect(entries.find(({ path }) => path === "./link")).toMatchObject({ kind: "other" });
    expect(entries.filter(({ kind }) => kind === "folder").length).toBeGreaterThan(0);
  });

  it("refuses what is too large, cut off, or no archive", () => {
    const good = archive("pax");
    const refused = expect.objectContaining({ code: "skill.archive" });
    const failureOf = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return error;
      }
    };
    expect(failureOf(() => readTarGz(gzipSync(Buffer.alloc(5_000_000)), 1_000_000))).toEqual(refused);
    expect(failureOf(() => readTarGz(good.subarray(0, good.length - 40), 1 << 24))).toEqual(refused);
    expect(failureOf(() => readTarGz(Buffer.from("no archive"), 1 << 24))).toEqual(refused);
    expect(failureOf(() => readTar(Buffer.from("x".repeat(512))))).toEqual(refused);
    const tar = gunzipSync(good);
    const spoilt = Buffer.from(tar);
    spoilt[2] = 0x39;
    expect(failureOf(() => readTar(spoilt))).toEqual(refused);
    const at = tar.indexOf("x".repeat(512));
    expect(failureOf(() => readTar(tar.subarray(0, at + 100)))).toEqual(refused);
    expect(readTar(Buffer.alloc(1_024))).toEqual([]);
  });
});
