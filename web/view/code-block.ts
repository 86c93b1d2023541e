import { element } from "./elements.ts";

const thanksMs = 1_500;

/** Code with its language and a button that copies it. */
export function codeBlock(text: string, language: string): HTMLElement {
  const code = element("code", {}, text);
  const copy = element("button", { type: "button", class: "copy" }, "Copy");
  copy.addEventListener("click", () => void copyCode(code, copy));
  const caption = element("figcaption", {}, element("span", {}, language), copy);
  return element("figure", { class: "code" }, caption, element("pre", { tabindex: "0" }, code));
}

async function copyCode(code: HTMLElement, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    // No permission for the clipboard: select the code, so that the keyboard's own copy takes it.
    getSelection()?.selectAllChildren(code);
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => (button.textContent = "Copy"), thanksMs);
}
