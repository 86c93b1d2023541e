import type { Entry, Said, Written } from "../chat/transcript.ts";
import { element } from "./elements.ts";
import { markdownNodes } from "./markdown.ts";

interface Shown {
  entry: Entry;
  node: HTMLElement;
}

/** Keeps the list of messages as the transcript is, touching only what changed: a selection elsewhere survives. */
export function transcriptView(list: HTMLElement): (entries: readonly Entry[]) => void {
  const shown = new Map<string, Shown>();

  function nodeFor(entry: Entry): HTMLElement {
    const key = `${entry.by}:${entry.id}`;
    const known = shown.get(key);
    if (known?.entry === entry) return known.node;
    const node = known?.node ?? element("article", { class: entry.by, tabindex: "-1" });
    if (entry.by === "agent") fillWritten(node, entry);
    else fillSaid(node, entry);
    shown.set(key, { entry, node });
    return node;
  }

  return (entries) => {
    const nodes = entries.map(nodeFor);
    const wanted = new Set(nodes);
    for (const [key, { node }] of shown) {
      if (wanted.has(node)) continue;
      node.remove();
      shown.delete(key);
    }
    for (const [index, node] of nodes.entries())
      if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  };
}

/** A screen reader is told of a reply when it is whole, not at every word. */
function fillWritten(node: HTMLElement, { text, final }: Written): void {
  node.setAttribute("aria-label", "Talaria");
  node.setAttribute("aria-busy", String(!final));
  node.classList.toggle("unfinished", !final);
  node.replaceChildren(...markdownNodes(text));
}

function fillSaid(node: HTMLElement, { text, state, problem }: Said): void {
  node.setAttribute("aria-label", "You");
  node.dataset["state"] = state;
  node.classList.toggle("command", /^\/[a-z]+$/.test(text.trim()));
  const remark = state === "refused" ? `Not sent. ${problem ?? ""}` : "";
  node.replaceChildren(
    element("div", { class: "bubble" }, text),
    ...(remark ? [element("p", { class: "problem", role: "alert" }, remark)] : []),
  );
}
