import { renderIn, type Dialect } from "./dialect.ts";
import { tableInColumns } from "./table.ts";

/** Telegram's HTML style: https://core.telegram.org/bots/api#html-style */
const tags = { strong: "b", emphasis: "i", strike: "s" } as const;

const dialect: Dialect = {
  text: escaped,
  span: (kind, inner) => `<${tags[kind]}>${inner}</${tags[kind]}>`,
  code: (raw) => (raw === "" ? "" : `<code>${escaped(raw)}</code>`),
  link: (inner, href) =>
    /^(?:https?:|mailto:|tel:|tg:)/i.test(href)
      ? `<a href="${escaped(href).replaceAll('"', "&quot;")}">${inner}</a>`
      : `${inner} (${escaped(href)})`,
  codeBlock: (raw, language) => {
    if (raw.trim() === "") return "";
    const name = language.replace(/[^\w+#.-]/g, "");
    return name ? `<pre><code class="language-${name}">${escaped(raw)}</code></pre>` : `<pre>${escaped(raw)}</pre>`;
  },
  // Telegram refuses a quote within a quote.
  quote: (inner, isNested) => (isNested || inner === "" ? inner : `<blockquote>${inner}</blockquote>`),
  table: (header, rows) => `<pre>${escaped(tableInColumns(header, rows))}</pre>`,
  rule: "———",
};

export const renderTelegramHtml = (markdown: string): string => renderIn(dialect, markdown);

/** What a reader sees of rendered HTML. Exact, because the renderer writes no other entities and escapes every `<`. */
export const plainFromTelegramHtml = (html: string): string =>
  html
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");

/** Telegram counts a message "after entities parsing", in UTF-16 units. */
export const telegramLength = (html: string): number => plainFromTelegramHtml(html).length;

function escaped(raw: string): string {
  if (!/[&<>]/.test(raw)) return raw;
  return raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
