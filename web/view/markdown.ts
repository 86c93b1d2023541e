import { parseMarkdown, type Block, type SpacedBlock } from "../../core/gateway/render/blocks.ts";
import type { Inline } from "../../core/gateway/render/inlines.ts";
import { codeBlock } from "./code-block.ts";
import { element } from "./elements.ts";
import { inlineNodes } from "./inlines.ts";

type ListItem = Extract<Block, { kind: "list" }>["items"][number];
type Table = Extract<Block, { kind: "table" }>["table"];

/** The agent's Markdown as elements. Unfinished text is fine: it is shown while it is written. */
export const markdownNodes = (markdown: string): Node[] => blockNodes(parseMarkdown(markdown));

const blockNodes = (blocks: readonly SpacedBlock[]): Node[] => blocks.map(blockNode);

function blockNode(block: Block): Node {
  switch (block.kind) {
    case "paragraph":
      return element("p", {}, ...inlineNodes(block.inlines));
    case "heading":
      return element("h3", {}, ...inlineNodes(block.inlines));
    case "code":
      return codeBlock(block.text, block.language);
    case "quote":
      return element("blockquote", {}, ...blockNodes(block.blocks));
    case "list":
      return listNode(block.items);
    case "table":
      return tableNode(block.table);
    case "rule":
      return element("hr");
  }
}

/** Items come in one row with their depth; what is deeper than its neighbour is a list within that neighbour. */
function listNode(items: readonly ListItem[]): Node {
  const [first] = items;
  const list = newList(first);
  for (let at = 0; at < items.length;) {
    const item = items[at];
    const isDeeper = ({ depth }: ListItem) => depth > (first?.depth ?? 0);
    let end = at + 1;
    while (end < items.length && isDeeper(items[end] as ListItem)) end += 1;
    const below = items.slice(at + 1, end);
    list.append(element("li", {}, ...inlineNodes(item?.inlines ?? []), ...(below.length > 0 ? [listNode(below)] : [])));
    at = end;
  }
  return list;
}

function newList(first: ListItem | undefined): HTMLElement {
  if (first?.number === undefined) return element("ul");
  return element("ol", { start: String(Number.parseInt(first.number, 10)) });
}

function tableNode({ header, rows }: Table): Node {
  const cells = (name: "th" | "td", row: readonly Inline[][]) =>
    row.map((cell) => element(name, {}, ...inlineNodes(cell)));
  const body = rows.map((row) => element("tr", {}, ...cells("td", row)));
  const head = element("thead", {}, element("tr", {}, ...cells("th", header)));
  // A wide table scrolls on its own, so that the page never does; with the keyboard, too.
  return element(
    "div",
    { class: "table", tabindex: "0", role: "group", "aria-label": "Table" },
    element("table", {}, head, element("tbody", {}, ...body)),
  );
}
