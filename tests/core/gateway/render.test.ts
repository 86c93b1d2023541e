import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderPlain } from "../../../core/gateway/render/plain.ts";
import { plainFromTelegramHtml, renderTelegramHtml } from "../../../core/gateway/render/telegram-html.ts";
import { renderWhatsApp } from "../../../core/gateway/render/whatsapp.ts";
import { readTelegramHtml } from "../../fakes/telegram-entities.ts";

/** Markdown, then how Telegram, WhatsApp and plain text show it. */
const examples: Record<string, [markdown: string, telegram: string, whatsapp: string, plain: string]> = {
  "strong and emphasis": ["**a** *b* __c__ _d_", "<b>a</b> <i>b</i> <b>c</b> <i>d</i>", "*a* _b_ *c* _d_", "a b c d"],
  "both at once": ["***a*** **b *c***", "<b><i>a</i></b> <b>b <i>c</i></b>", "*_a_* *b _c_*", "a b c"],
  "a strike": ["~~a~~ ~b~", "<s>a</s> ~b~", "~a~ ~b~", "a ~b~"],
  "stars and lines that are not markup": [
    "2 * 3 * 4, snake_case_name",
    "2 * 3 * 4, snake_case_name",
    "2 * 3 * 4, snake_case_name",
    "2 * 3 * 4, snake_case_name",
  ],
  "what was not closed": ["**a and `b", "**a and `b", "**a and `b", "**a and `b"],
  escapes: ["\\*a\\* \\<b>", "*a* &lt;b&gt;", "*a* <b>", "*a* <b>"],
  "code with markup in it": ["`a**b** < c`", "<code>a**b** &lt; c</code>", "`a**b** < c`", "a**b** < c"],
  "code of two ticks": ["``a`b``", "<code>a`b</code>", "`a`b`", "a`b"],
  "a link": [
    "[it](https://x.io/a_b?c=1&d=(2))",
    '<a href="https://x.io/a_b?c=1&amp;d=(2)">it</a>',
    "it (https://x.io/a_b?c=1&d=(2))",
    "it (https://x.io/a_b?c=1&d=(2))",
  ],
  "a link that a chat must not open": [
    "[it](javascript:x)",
    "it (javascript:x)",
    "it (javascript:x)",
    "it (javascript:x)",
  ],
  "a link that is its own label": [
    "<https://x.io> [https://x.io](https://x.io)",
    '<a href="https://x.io">https://x.io</a> <a href="https://x.io">https://x.io</a>',
    "https://x.io https://x.io",
    "https://x.io https://x.io",
  ],
  "an image": [
    "![a cat](https://x.io/cat.png)",
    '<a href="https://x.io/cat.png">a cat</a>',
    "a cat (https://x.io/cat.png)",
    "a cat (https://x.io/cat.png)",
  ],
  "a bare address": [
    "see https://x.io/_a_b_c/ now",
    "see https://x.io/_a_b_c/ now",
    "see https://x.io/_a_b_c/ now",
    "see https://x.io/_a_b_c/ now",
  ],
  "a heading": ["## A **b** ##\ntext", "<b>A b</b>\ntext", "*A b*\ntext", "A b\ntext"],
  "a list": [
    "- a\n  - b\n* c\n\n3. d",
    "• a\n  • b\n• c\n\n3. d",
    "• a\n  • b\n• c\n\n3. d",
    "• a\n  • b\n• c\n\n3. d",
  ],
  "code in a list": [
    "1. do\n   ```sh\n   ls -l\n   ```\n2. then",
    '1. do\n<pre><code class="language-sh">ls -l</code></pre>\n2. then',
    "1. do\n```\nls -l\n```\n2. then",
    "1. do\nls -l\n2. then",
  ],
  "a year that begins a line": ["in\n2024. Then", "in\n2024. Then", "in\n2024. Then", "in\n2024. Then"],
  "a fence": [
    "```ts\nif (a < b) **c**\n```",
    '<pre><code class="language-ts">if (a &lt; b) **c**</code></pre>',
    "```\nif (a < b) **c**\n```",
    "if (a < b) **c**",
  ],
  "a fence within a fence": [
    "~~~~md\n~~~\nx\n~~~\n~~~~",
    '<pre><code class="language-md">~~~\nx\n~~~</code></pre>',
    "```\n~~~\nx\n~~~\n```",
    "~~~\nx\n~~~",
  ],
  "an open fence": ["```\na\nb", "<pre>a\nb</pre>", "```\na\nb\n```", "a\nb"],
  "a quote in a quote": ["> a\n> > **b**", "<blockquote>a\n<b>b</b></blockquote>", "> a\n> > *b*", "> a\n> > b"],
  "a table": [
    "| a | b |\n|---|:-:|\n| 1 | **2** |\n| 3 | `x\\|y` |",
    "<pre>a  b\n─  ───\n1  2\n3  x|y</pre>",
    "• a: 1, b: 2\n• a: 3, b: x|y",
    "• a: 1, b: 2\n• a: 3, b: x|y",
  ],
  "a rule": ["a\n\n---\n\nb", "a\n\n———\n\nb", "a\n\n———\n\nb", "a\n\n———\n\nb"],
  "blank lines": ["a\n\n\n\nb\nc", "a\n\nb\nc", "a\n\nb\nc", "a\n\nb\nc"],
  "HTML that an agent wrote": [
    "<b>x</b> &amp; <script>",
    "&lt;b&gt;x&lt;/b&gt; &amp;amp; &lt;script&gt;",
    "<b>x</b> &amp; <script>",
    "<b>x</b> &amp; <script>",
  ],
  "strong over two lines": ["**a\nb**", "<b>a\nb</b>", "*a*\n*b*", "a\nb"],
};

describe.each(Object.entries(examples))("%s", (_what, [markdown, telegram, whatsapp, plain]) => {
  it("is shown in each dialect as people expect it", () => {
    expect(renderTelegramHtml(markdown)).toBe(telegram);
    expect(renderWhatsApp(markdown)).toBe(whatsapp);
    expect(renderPlain(markdown)).toBe(plain);
  });
});

const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "**",
        "*",
        "_",
        "~~",
        "`",
        "```",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "# ",
        "[",
        "](",
        ")",
        "|",
        "|---|",
        "<",
        ">",
        "&",
        "\\",
        "!",
        '"',
      ),
      fc.constantFrom("word", " ", "https://x.io/a_b", "🏠", "漢"),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 60, size: "max" },
  )
  .map((pieces) => pieces.join(""));

describe("whatever an agent writes", () => {
  it("becomes HTML that Telegram takes, and the same text as a reader sees", () => {
    fc.assert(
      fc.property(soup, (markdown) => {
        const html = renderTelegramHtml(markdown);
        expect(readTelegramHtml(html).text).toBe(plainFromTelegramHtml(html));
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps every word, in its order, in every dialect", () => {
    const words = fc.array(
      fc.tuple(
        fc.constantFrom("", "**", "*", "`", "~~", "> ", "- ", "# ", "[", "\n", "\n\n", "| "),
        fc.constantFrom("", "**", "*", "`", "~~", "\n", "](https://x.io)", " |"),
      ),
      { maxLength: 40, size: "max" },
    );
    fc.assert(
      fc.property(words, (marks) => {
        const markdown = marks.map(([before, after], index) => `${before}w${index}w${after}`).join(" ");
        const expected = marks.map((_, index) => `w${index}w`);
        for (const render of [renderTelegramHtml, renderWhatsApp, renderPlain]) {
          expect(render(markdown).match(/w\d+w/g) ?? []).toEqual(expected);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["*a ", "**", "[", "[a](", "`", "> ", "_a", "<", "| a |\n|---|\n", "![", "***a** "])(
    "does not take long when it repeats %j",
    (piece) => {
      const started = performance.now();
      renderTelegramHtml(piece.repeat(20_000));
      expect(performance.now() - started).toBeLessThan(3000);
    },
  );
});
