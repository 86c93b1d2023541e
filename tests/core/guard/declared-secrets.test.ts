import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { declareSecrets } from "../../../core/guard/declared-secrets.ts";
import { redact } from "../../../core/guard/redact.ts";

const plain = "correct horse battery";
/** In no form that a pattern knows. */
const key = `line-of-the-key-${"abcdefgh".repeat(12)}`;
const lines = `first line\n${key}\nlast line`;
const short = "seven77";
declareSecrets([plain, `${lines}\n`, short]);

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a declared value", () => {
  it("is masked whole wherever it stands, whatever it looks like", () => {
    expect(redact(`it says ${plain}, twice: ${plain}`)).toBe("it says ***, twice: ***");
    expect(redact(`PASSWORD=${plain}`)).toBe("PASSWORD=***");
    expect(redact(`a\u001b[1m${plain.slice(0, 7)}\u001b[0m${plain.slice(7)}b`)).toBe("a\u001b[1m***b");
    expect(redact(lines)).toBe("***");
  });

  it("is masked where only a line of it is shown", () => {
    expect(redact(`3: ${key}`)).toBe("3: ***");
    expect(redact("first line")).toBe("first line");
  });

  it("is masked as base64, alone or inside of something else, in lines, and as in an address", () => {
    expect(redact(base64(plain))).toBe("***");
    for (const before of ["u:", "me:", "you:"]) {
      const shown = redact(base64(`${before}${plain}:after`));
      expect(Buffer.from(shown, "base64").toString()).not.toContain(plain.slice(1, -1));
      expect(shown).toContain("***");
    }
    const wrapped = base64(lines).replaceAll(/.{76}/g, "$&\n");
    for (const line of wrapped.split("\n")) expect(redact(wrapped)).not.toContain(line.slice(0, 20));
    const odd = "\u00ff\u00fe?>~".repeat(4);
    declareSecrets([odd]);
    expect(base64(odd)).toMatch(/[+/]/);
    expect(redact(Buffer.from(odd).toString("base64url"))).toBe("***");
  });

  it("is masked as JSON, an address and a form write it", () => {
    const value = `p@ss "w0rd" a+b/c=\\x\ny`;
    declareSecrets([value]);
    const json = JSON.stringify({ z: value });
    for (const text of [json, JSON.stringify({ json }), new URL(`x:?z=${encodeURIComponent(value)}`).href])
      expect(redact(text)).toMatch(/^[^%@]*z[\\"=:]+\*\*\*[\\"}]*$/);
    expect(redact(new URLSearchParams({ z: value, n: "1" }).toString())).toBe("z=***&n=1");
    declareSecrets(["half a character: \ud800"]);
  });

  it("of less than 8 characters is no secret: it could be any word", () => {
    expect(redact(short)).toBe(short);
  });

  it("leaves what is around it as it was, and is masked once and for all", () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    const part = fc.oneof(word, fc.constantFrom(plain, base64(plain), key, "***", "=", "token=", "\u200b", "\n"));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(word), (before, after) => {
        const text = `${before.join(" ")} ${plain} ${after.join(" ")}`;
        const once = redact(text);
        expect(once).not.toContain(plain);
        expect(once.endsWith(` ${after.join(" ")}`)).toBe(true);
        expect(redact(once)).toBe(once);
      }),
    );
  });

  it("is looked for in time that grows with the text alone", () => {
    declareSecrets(Array.from({ length: 50 }, (_, at) => `${"a".repeat(40)}${at}`));
    expect(redact("a".repeat(5_000_000))).toHaveLength(5_000_000);
  }, 60_000);
});
