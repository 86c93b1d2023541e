import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputWindow } from "../../../core/shells/output-window.ts";
import { quote } from "../../../core/shells/quote.ts";

describe("the output window", () => {
  it("keeps the first 40 % and the last 60 %, however the output is cut into pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 5, max: 60 }), (chunks, limit) => {
        const ascii = chunks.map((chunk) => chunk.map((byte) => 97 + (byte % 26)));
        const window = new OutputWindow(limit);
        ascii.forEach((chunk) => window.push(chunk));
        const whole = Buffer.concat(ascii).toString();
        const head = Math.floor(limit * 0.4);
        const expected =
          whole.length <= limit ? whole : whole.slice(0, head) + whole.slice(whole.length - (limit - head));
        expect(window.read()).toEqual({ output: expected, droppedBytes: Math.max(0, whole.length - limit) });
      }),
    );
  });

  it("leaves out a character that the gap cuts in two", () => {
    const window = new OutputWindow(10);
    window.push(Buffer.from("aaa€€€€bbb"));
    expect(window.read()).toEqual({ output: "aaa€bbb", droppedBytes: 8 });
  });

  it("is empty when nothing was written", () => {
    expect(new OutputWindow(10).read()).toEqual({ output: "", droppedBytes: 0 });
  });
});

describe("quoting", () => {
  it("refuses the one character that no word can hold", () => {
    expect(() => quote("a\0b")).toThrow("NUL");
  });

  it("needs nothing but single quotes", () => {
    expect(quote("it's")).toBe(String.raw`'it'\''s'`);
  });
});
