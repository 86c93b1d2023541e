import type { Written } from "../chat/transcript.ts";
import type { Button } from "../chat/wire.ts";
import { element } from "./elements.ts";

/**
 * The buttons of a question, below its text; none while it is written. Once one was pressed it shows which, and none can
 * be pressed any more; the agent takes them away when it has the answer.
 */
export function answerButtons(
  { buttons = [], final }: Written,
  pressed: string | undefined,
  press: (button: Button) => void,
): Node[] {
  if (!final || buttons.length === 0) return [];
  const list = buttons.map((button) => {
    const node = element("button", { type: "button" }, button.label);
    if (pressed !== undefined) {
      node.disabled = true;
      node.setAttribute("aria-pressed", String(button.payload === pressed));
    }
    node.addEventListener("click", () => press(button));
    return node;
  });
  return [element("div", { class: "answers", role: "group", "aria-label": "Answers" }, ...list)];
}
