import { linkAsText, renderIn, type Dialect } from "./dialect.ts";
import { tableInLines } from "./table.ts";

/** WhatsApp's own marks: https://faq.whatsapp.com/539178204879377. It has no escapes, no links with labels, no tables. */
const marks = { strong: "*", emphasis: "_", strike: "~" } as const;

const dialect: Dialect = {
  text: (raw) => raw,
  span: (kind, inner) =>
    inner
      .split("\n")
      .map((line) => markedLine(marks[kind], line))
      .join("\n"),
  code: (raw) => `\`${raw}\``,
  link: linkAsText,
  codeBlock: (raw) => `\`\`\`\n${raw}\n\`\`\``,
  quote: (inner) =>
    inner
      .split("\n")
      .map((line) => `> ${line}`.trimEnd())
      .join("\n"),
  table: tableInLines,
  rule: "———",
};

/** A mark holds for one line only and must touch the text it marks. */
function markedLine(mark: string, line: string): string {
  const inner = line.trim();
  return inner === "" ? line : line.replace(inner, () => `${mark}${inner}${mark}`);
}

export const renderWhatsApp = (markdown: string): string => renderIn(dialect, markdown);
