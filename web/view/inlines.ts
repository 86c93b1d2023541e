import type { Inline, SpanKind } from "../../core/gateway/render/inlines.ts";
import { element } from "./elements.ts";

const tags = { strong: "strong", emphasis: "em", strike: "s" } as const satisfies Record<SpanKind, string>;

export const inlineNodes = (inlines: readonly Inline[]): (Node | string)[] => inlines.flatMap(inlineNode);

function inlineNode(inline: Inline): (Node | string)[] {
  switch (inline.kind) {
    case "text":
      return textNodes(inline.text);
    case "code":
      return [element("code", {}, inline.text)];
    case "link":
      return linkNodes(inline.href, inlineNodes(inline.children));
    default:
      return [element(tags[inline.kind], {}, ...inlineNodes(inline.children))];
  }
}

/** A bare address comes as a text of its own; a full stop after it belongs to the sentence. */
function textNodes(text: string): (Node | string)[] {
  const [, address = "", rest = ""] = /^(https?:\/\/\S*[^\s.,;:!?'"])([.,;:!?'"]*)$/.exec(text) ?? [];
  return address ? [...linkNodes(address, [address]), rest] : [text];
}

const safeProtocols = new Set(["http:", "https:", "mailto:"]);

/** An address that a browser might run rather than open (javascript:, data:) stays text. */
function linkNodes(href: string, label: readonly (Node | string)[]): (Node | string)[] {
  const url = URL.parse(href);
  if (!url || !safeProtocols.has(url.protocol)) return href === "" ? [...label] : [...label, ` (${href})`];
  // The nodes of a label may hold links themselves; links cannot be nested, and the outer one counts.
  const inner = label.map((node) => (node instanceof HTMLAnchorElement ? (node.textContent ?? "") : node));
  return [element("a", { href: url.href, title: url.href, target: "_blank", rel: "noopener noreferrer" }, ...inner)];
}
