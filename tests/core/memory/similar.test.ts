import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { relationOf } from "../../../core/memory/similar.ts";

describe("two notes", () => {
  it.each([
    ["Prefers short answers", "prefers short answers."],
    ["User prefers short answers", "Prefers short answers"],
    ["The user likes “green tea”", "Likes green tea"],
    ["Doesn't eat meat", "does not eat meat"],
    ["Has two cats", "Has 2 cats."],
    ["喜欢绿茶。", "喜欢绿茶。"],
  ])("repeat each other: %j, %j", (wanted, existing) => {
    expect(relationOf(wanted, existing)).toBe("repeats");
  });

  it.each([
    ["Prefers short answers", "Prefers short answers in Czech"],
    ["Allergic to nuts", "Brother is allergic to nuts"],
    ["User is allergic to nuts", "User's brother is allergic to nuts"],
    ["Likes fish", "Wife likes fish"],
  ])("are two facts that resemble each other when one has a word more: %j, %j", (a, b) => {
    expect([relationOf(a, b), relationOf(b, a)]).toEqual(["resembles", "resembles"]);
  });

  it.each([
    ["Likes tea", "Does not like tea"],
    ["Doesn't like tea", "Likes tea"],
    ["Never deploys on Fridays", "Always deploys on Fridays"],
    ["Eats meat", "Eats meat only on Sundays"],
    ["Trinkt Kaffee", "Trinkt keinen Kaffee"],
    ["Любит чай", "Не любит чай"],
    ["Has 2 cats", "Has 3 cats"],
    ["The server listens on port 8080", "The server listens on port 8081"],
    ["Node 24 is required", "Node 24.1 is required"],
    ["Staging is db-1", "Staging is db-2"],
    ["Writes C++", "Writes C"],
    ["Anna manages Bob", "Bob manages Anna"],
    ["Flies to Oslo", "Flies from Oslo"],
    ["Works at Acme", "Worked at Acme"],
    ["Lives in Rome", "Used to live in Rome"],
    ["Prefers short answers", "Prefers long answers"],
    ["喜欢茶", "不喜欢茶"],
  ])("are never duplicates: %j, %j", (a, b) => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      expect(relationOf(one, other)).not.toBe("repeats");
    }
  });
});

const word = fc.constantFrom(
  "likes",
  "tea",
  "green",
  "server",
  "report",
  "Rome",
  "deploys",
  "sister",
  "music",
  "Anna",
  "project",
  "morning",
);
const words = fc.uniqueArray(word, { minLength: 3, maxLength: 9 });
const negation = fc.constantFrom("not", "never", "no", "without", "don't", "isn't", "cannot", "nicht", "jamais", "не");
const isDuplicate = (a: string, b: string) => relationOf(a, b) === "repeats";
const inserted = (list: readonly string[], at: number, what: string) =>
  list.toSpliced(at % (list.length + 1), 0, what).join(" ");

describe("the check for duplicates", () => {
  it("takes a note for a repetition of itself, however it is written", () => {
    const dressed = fc.tuple(
      words,
      fc.constantFrom(
        (t: string) => t.toUpperCase(),
        (t: string) => ` ${t}. `,
        (t: string) => `“${t}”`,
        (t: string) => t.replaceAll(" ", "  "),
      ),
    );
    expect(
      fc.check(
        fc.property(dressed, ([list, dress]) => relationOf(dress(list.join(" ")), list.join(" ")) === "repeats"),
      ),
    ).toMatchObject({ failed: false });
  });

  it("never takes a negated note for the plain one", () => {
    expect(
      fc.check(
        fc.property(
          words,
          fc.nat(20),
          negation,
          (list, at, no) =>
            !isDuplicate(inserted(list, at, no), list.join(" ")) &&
            !isDuplicate(list.join(" "), inserted(list, at, no)),
        ),
      ),
    ).toMatchObject({ failed: false });
  });

  it("never takes another number for the same", () => {
    const numbers = fc.tuple(fc.nat(9_999), fc.nat(9_999)).filter(([a, b]) => a !== b);
    expect(
      fc.check(
        fc.property(
          words,
          fc.nat(20),
          numbers,
          (list, at, [a, b]) => !isDuplicate(inserted(list, at, String(a)), inserted(list, at, String(b))),
        ),
      ),
    ).toMatchObject({ failed: false });
  });

  it("never takes a note in which one word is another for the same", () => {
    expect(
      fc.check(
        fc.property(words, fc.nat(20), word, (list, at, other) => {
          fc.pre(!list.includes(other));
          return !isDuplicate(list.with(at % list.length, other).join(" "), list.join(" "));
        }),
      ),
    ).toMatchObject({ failed: false });
  });

  it("never takes a note with a word more for the same", () => {
    expect(
      fc.check(
        fc.property(words, fc.nat(20), (list, at) => {
          const longer = inserted(list, at, "kitchen");
          return !isDuplicate(longer, list.join(" ")) && !isDuplicate(list.join(" "), longer);
        }),
      ),
    ).toMatchObject({ failed: false });
  });

  it("answers for any text", () => {
    expect(
      fc.check(
        fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
          relationOf(a, b);
          return true;
        }),
      ),
    ).toMatchObject({ failed: false });
  });
});
