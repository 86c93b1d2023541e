import { byId } from "./elements.ts";

export interface Composer {
  /** Shows or hides the button that stops the agent. */
  setWorking(isWorking: boolean): void;
  focus(): void;
}

/** The field for a message and its buttons. Enter sends, Shift+Enter begins a new line. */
export function openComposer(say: (text: string) => void): Composer {
  const form = byId("composer", HTMLFormElement);
  const field = byId("message", HTMLTextAreaElement);
  const send = byId("send", HTMLButtonElement);
  const stop = byId("stop", HTMLButtonElement);

  function grow(): void {
    send.disabled = field.value.trim() === "";
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }

  function submit(): void {
    const text = field.value.trim();
    if (text === "") return;
    field.value = "";
    grow();
    say(text);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    // While an input method composes a character, Enter chooses it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  stop.addEventListener("click", () => {
    say("/stop");
    field.focus();
  });
  grow();
  return {
    setWorking: (isWorking) => (stop.hidden = !isWorking),
    focus: () => field.focus(),
  };
}
