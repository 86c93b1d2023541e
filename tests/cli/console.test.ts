import { once } from "node:events";
import { PassThrough } from "node:stream";
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
