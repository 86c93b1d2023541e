import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { text as readText } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { ask } from "../../cli/console.ts";

/** Asks, types once the question is on the screen, and returns the answer. */
async function answerTo(typed: string, { isTerminal = true, isEnd = false } = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  const asked = ask("Sure? ", { input, output, terminal: isTerminal });
  await once(output, "data");
  if (isEnd) input.end(typed);
  else input.write(typed);
  return asked;
}

describe("a question to the person", () => {
  it("is answered by a line, without the spaces around it", async () => {
    expect(await answerTo(" talaria-production \n")).toBe("talaria-production");
    expect(await answerTo("\n")).toBe("");
  });

  it("is not answered by breaking it off: Ctrl-C, Ctrl-D or the end of the input", async () => {
    expect(await answerTo("\u0003")).toBeUndefined();
    expect(await answerTo("\u0004")).toBeUndefined();
    expect(await answerTo("", { isTerminal: false, isEnd: true })).toBeUndefined();
  });
});

/** Prints a million characters, has a timer that keeps it, and ends with this exit code. */
const program = `
  import { print, runCommand } from ${JSON.stringify(new URL("../../cli/console.ts", import.meta.url).href)};
  setInterval(() => {}, 60_000);
  runCommand(async () => {
    print("a".repeat(999_999));
    return 3;
  });`;
const run = () => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program]);
  return { child, code: new Promise((resolve) => child.once("close", resolve)) };
};

describe("the end of a command", () => {
  it("comes when all that it printed was read, whatever else is open", async () => {
    const { child, code } = run();
    expect(await readText(child.stdout)).toHaveLength(1_000_000);
    expect(await code).toBe(3);
  });

  it("comes all the same when nobody reads on", async () => {
    const { child, code } = run();
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [complaint] = await Promise.all([readText(child.stderr), code]);
    expect(complaint).toBe("");
  });
});
