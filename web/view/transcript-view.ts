import { pressedOf, type Entry, type Said, type Transcript, type Written } from "../chat/transcript.ts";
import type { Button } from "../chat/wire.ts";
import { answerButtons } from "./answer-buttons.ts";
import { element } from "./elements.ts";
import { markdownNodes } from "./markdown.ts";

interface Shown {
  entry: Entry;
  /** The payload of the pressed button of a letter. */
  pressed: string | undefined;
  node: HTMLElement;
}

type Press = (button: Button) => void;

/** Keeps the list of messages as the transcript is, touching only what changed: a selection elsewhere survives. */
export function transcriptView(list: HTMLElement, press: Press): (transcript: Transcript) => void {
  const shown = new Map<string, Shown>();

  function nodeFor(entry: Entry, transcript: Transcript): HTMLElement {
    const key = `${entry.by}:${entry.id}`;
    const known = shown.get(key);
    const pressed = entry.by === "agent" ? pressedOf(transcript, entry) : undefined;
    if (known?.entry === entry && known.pressed === pressed) return known.node;
    const node = known?.node ?? element("article", { class: entry.by, tabindex: "-1" });
    if (entry.by === "agent") fillWritten(node, entry, answerButtons(entry, pressed, press));
    else fillSaid(node, entry);
    shown.set(key, { entry, pressed, node });
    return node;
  }

  return (transcript) => {
    const nodes = transcript.entries.map((entry) => nodeFor(entry, transcript));
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
function fillWritten(node: HTMLElement, { text, final }: Written, buttons: readonly Node[]): void {
  node.setAttribute("aria-label", "Talaria");
  node.setAttribute("aria-busy", String(!final));
  node.classList.toggle("unfinished", !final);
  node.replaceChildren(...markdownNodes(text), ...buttons);
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
