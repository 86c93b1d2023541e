import { linkAsText, renderIn, type Dialect } from "./dialect.ts";
import { tableInLines } from "./table.ts";

/** Text without any markup, for platforms that would show it as clutter (SMS, LINE). */
const dialect: Dialect = {
  text: (raw) => raw,
  span: (_kind, inner) => inner,
  code: (raw) => raw,
  link: linkAsText,
  codeBlock: (raw) => raw,
  quote: (inner) =>
    inner
      .split("\n")
      .map((line) => `> ${line}`.trimEnd())
      .join("\n"),
  table: tableInLines,
  rule: "———",
};

export const renderPlain = (markdown: string): string => renderIn(dialect, markdown);
