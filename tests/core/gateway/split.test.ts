import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderPlain } from "../../../core/gateway/render/plain.ts";
import { renderTelegramHtml, telegramLength } from "../../../core/gateway/render/telegram-html.ts";
import { renderWhatsApp } from "../../../core/gateway/render/whatsapp.ts";
import { splitReply, type SplitOptions } from "../../../core/gateway/split.ts";
import { readTelegramHtml } from "../../fakes/telegram-entities.ts";

const asIs = (markdown: string) => markdown;
const markdownParts = (markdown: string, maxLength: number) =>
  splitReply(markdown, { render: asIs, limits: { maxLength, unit: "utf16" } });

describe("splitting a reply", () => {
  it("leaves a reply that fits alone, without a number", () => {
    expect(markdownParts("Hello\n\n- one\n- two", 100)).toEqual(["Hello\n\n- one\n- two"]);
  });

  it("finds nothing to send in nothing", () => {
    expect(markdownParts(" \n\n ", 100)).toEqual([]);
  });

  it("cuts between paragraphs and numbers the parts", () => {
    expect(markdownParts(`${"a".repeat(20)}\n\n${"b".repeat(20)}`, 32)).toEqual([
      `${"a".repeat(20)} (1/2)`,
      `${"b".repeat(20)} (2/2)`,
    ]);
  });

  it("closes a code fence and opens it again with its language", () => {
    const code = ["one();", "two();", "three();", "four();"].join("\n");
    expect(markdownParts(`\`\`\`ts\n${code}\n\`\`\``, 36)).toEqual([
      "```ts\none();\ntwo();\n```\n\n(1/2)",
      "```ts\nthree();\nfour();\n```\n\n(2/2)",
    ]);
  });

  it("repeats the head of a table over its further rows", () => {
    const rows = Array.from({ length: 4 }, (_, index) => `| row ${index} | x |`);
    const parts = markdownParts(["| name | y |", "|---|---|", ...rows].join("\n"), 66);
    expect(parts.length).toBe(2);
    for (const part of parts) expect(part.startsWith("| name | y |\n|---|---|\n| row ")).toBe(true);
  });

  it("keeps a table's header and its dashes together", () => {
    const [first, second] = markdownParts(`${"word ".repeat(8)}\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |`, 64);
    expect(first).toBe(`${"word ".repeat(8).trim()} (1/2)`);
    expect(second?.startsWith("| a | b |\n|---|---|\n| 1 | 2 |")).toBe(true);
  });

  it("does not cut a family emoji or a surrogate pair", () => {
    for (const part of markdownParts("👨‍👩‍👧‍👦".repeat(20), 60)) {
      expect(part.replace(/ \(\d+\/\d+\)$/, "").replaceAll("👨‍👩‍👧‍👦", "")).toBe("");
    }
  });

  it("mends half an emoji, as a stream that was cut leaves it", () => {
    expect(markdownParts("so 🏠".slice(0, -1), 100)).toEqual(["so \uFFFD"]);
  });

  it("keeps the number out of a fence that the reply never closed", () => {
    expect(markdownParts("text\n\n```\nopen", 100)).toEqual(["text\n\n```\nopen\n```"]);
  });

  it("counts what a Telegram reader sees, not the markup", () => {
    const bold = Array.from({ length: 450 }, () => "**word** <").join(" ");
    const limits = { maxLength: 4096, unit: "utf16", measure: telegramLength } as const;
    expect(renderTelegramHtml(bold).length).toBeGreaterThan(4096);
    expect(splitReply(bold, { render: renderTelegramHtml, limits }).length).toBe(1);
  });

  it("takes a long reply in a time that follows its length", () => {
    const started = performance.now();
    const parts = splitReply(
      "Some *words* of a [very](https://x.io) long reply.\n".repeat(4000),
      dialects.telegram(4096),
    );
    expect(parts.length).toBeGreaterThan(30);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

const dialects = {
  telegram: (maxLength: number): SplitOptions => ({
    render: renderTelegramHtml,
    limits: { maxLength, unit: "utf16", measure: telegramLength },
  }),
  whatsapp: (maxLength: number): SplitOptions => ({ render: renderWhatsApp, limits: { maxLength, unit: "utf16" } }),
  plain: (maxLength: number): SplitOptions => ({ render: renderPlain, limits: { maxLength, unit: "bytes" } }),
  markdown: (maxLength: number): SplitOptions => ({ render: asIs, limits: { maxLength, unit: "characters" } }),
};

const sizes: Record<SplitOptions["limits"]["unit"], (text: string) => number> = {
  utf16: (text) => text.length,
  characters: (text) => Array.from(text).length,
  bytes: (text) => Buffer.byteLength(text),
};

/** Any soup of markup, quotes, fences, emoji and halves of pairs that only a hostile reply would hold. */
const soup = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          "word ",
          "a",
          "**",
          "*",
          "_",
          "~~",
          "`",
          "```",
          "\n",
          "\n\n",
          "| a | b |\n|---|---|\n",
        ),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          "> ",
          "- ",
          "1. ",
          "# ",
          "[",
          "](http://x.y/z)",
          "<b>",
          "&amp;",
          "<",
          "\\",
          "```js\n",
          "\n```\n",
        ),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom("👨‍👩‍👧‍👦", "🏠", "é", "漢字", "  ", "x".repeat(90), "~~~\n", "---\n", "\r\n", "\t"),
      },
      { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
    ),
    { minLength: 10, maxLength: 120, size: "max" },
  )
  .map((pieces) => pieces.join(""));

describe.each(Object.entries(dialects))("splitting any reply for %s", (name, optionsFor) => {
  it("gives parts that fit and that are whole", () => {
    fc.assert(
      fc.property(soup, fc.integer({ min: 80, max: 300 }), (markdown, maxLength) => {
        const options = optionsFor(maxLength);
        const parts = splitReply(markdown, options);
        for (const part of parts) {
          const seen = name === "telegram" ? readTelegramHtml(part).text : part;
          expect(sizes[options.limits.unit](seen)).toBeLessThanOrEqual(maxLength);
          expect(part.isWellFormed()).toBe(true);
          expect(part.trim()).not.toBe("");
        }
        for (const [index, part] of parts.entries()) {
          if (parts.length > 1) expect(part.endsWith(`(${index + 1}/${parts.length})`)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

/** Real documents in small: blocks whose every word is numbered, so that a lost or doubled one is noticed. */
const documents = fc
  .array(
    fc.tuple(
      fc.constantFrom("paragraph", "heading", "list", "numbers", "quote", "code", "fenceInList", "table", "bold"),
      fc.integer({ min: 1, max: 40 }),
    ),
    { minLength: 1, maxLength: 12, size: "max" },
  )
  .map((blocks) => {
    let count = 0;
    const words = (many: number) => Array.from({ length: many }, () => `w${(count += 1)}w`);
    const markdown = blocks.map(([kind, many]) => blockOf(kind, words(many))).join("\n\n");
    return { markdown, count };
  });

function blockOf(kind: string, words: string[]): string {
  const forms: Record<string, () => string> = {
    paragraph: () => words.join(" "),
    heading: () => `## ${words.join(" ")}`,
    list: () => words.map((word, index) => `${index % 3 === 2 ? "  " : ""}- ${word} <x>`).join("\n"),
    numbers: () => words.map((word, index) => `${index + 1}. ${word}`).join("\n"),
    quote: () => words.map((word) => `> ${word}`).join("\n"),
    code: () => `\`\`\`ts\n${words.join("\n")}\n\`\`\``,
    fenceInList: () => `- \`\`\`\n  ${words.join("\n  ")}\n  \`\`\``,
    table: () => `| a | b |\n|---|---|\n${words.map((word) => `| ${word} | & |`).join("\n")}`,
    bold: () => words.map((word) => `**${word}**`).join(" "),
  };
  return forms[kind]?.() ?? "";
}

describe.each(Object.entries(dialects))("splitting a document for %s", (name, optionsFor) => {
  it("loses no word, doubles none and keeps their order", () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 60, max: 400 }), ({ markdown, count }, maxLength) => {
        const parts = splitReply(markdown, optionsFor(maxLength));
        const seen = parts.map((part) => (name === "telegram" ? readTelegramHtml(part).text : part)).join("\n");
        expect(seen.match(/w\d+w/g)).toEqual(Array.from({ length: count }, (_, index) => `w${index + 1}w`));
      }),
      { numRuns: 80 },
    );
  });

  it("leaves no fence open", () => {
    fc.assert(
      fc.property(documents, fc.integer({ min: 60, max: 400 }), ({ markdown }, maxLength) => {
        for (const part of splitReply(markdown, optionsFor(maxLength))) {
          expect((part.match(/```/g)?.length ?? 0) % 2).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
  });
});
