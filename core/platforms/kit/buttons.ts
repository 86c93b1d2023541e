import type { Button } from "../platform.ts";

/**
 * Labels in the room that a platform gives them, in UTF-16 units. Those that would look alike once they are cut off are
 * numbered: a person must be able to tell them apart.
 */
export function distinctLabels(buttons: readonly Button[], maxLength: number): string[] {
  const short = buttons.map(({ label }) => shortened(label, maxLength));
  if (new Set(short).size === short.length) return short;
  return buttons.map(({ label }, index) => shortened(`${index + 1}. ${label}`, maxLength));
}

/** What is cut off is marked, and no character is cut in two. */
function shortened(label: string, maxLength: number): string {
  if (label.length <= maxLength) return label;
  let kept = "";
  for (const character of label) {
    if (kept.length + character.length > maxLength - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * Where a message with buttons holds less than a plain one, a longer text goes ahead ("" when there is none), and its end
 * keeps the buttons: cut at a paragraph, a line or a word, in the middle of one only when there is no other way.
 */
export function endForButtons(rendered: string, maxLength: number): [ahead: string, end: string] {
  const text = rendered.trim();
  if (text.length <= maxLength) return ["", text];
  const end = text.slice(-maxLength);
  const cut = /\n\n/.exec(end) ?? /\n/.exec(end) ?? /\s/.exec(end);
  const at = text.length - maxLength + (cut?.index ?? (isHalfCharacter(end) ? 1 : 0));
  return [text.slice(0, at).trimEnd(), text.slice(at).trim()];
}

const isHalfCharacter = (text: string): boolean => /^[\uDC00-\uDFFF]/.test(text);
