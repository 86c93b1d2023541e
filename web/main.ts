/** The chat page: puts the conversation, what this browser remembers and what is seen together. */
import { systemClock } from "../core/base/clock.ts";
import { Conversation, type Health } from "./chat/conversation.ts";
import { messageIds } from "./chat/message-id.ts";
import { openWire } from "./chat/wire.ts";
import { openHistory } from "./history.ts";
import { readToken } from "./token.ts";
import { openComposer } from "./view/composer.ts";
import { byId } from "./view/elements.ts";
import { keepingEnd } from "./view/scroll.ts";
import { transcriptView } from "./view/transcript-view.ts";

const token = readToken(document, location, localStorage);
const history = openHistory(localStorage);
const conversation = new Conversation({
  wire: openWire({ url: "", token, chat: history.chat }),
  clock: systemClock,
  newId: messageIds(Date.now),
  transcript: history.load(),
  isHidden: () => document.hidden,
  onChange: () => {
    history.save(conversation.transcript);
    show();
  },
});

const scroller = byId("scroller", HTMLElement);
const showTranscript = transcriptView(byId("transcript", HTMLElement), (button) => {
  conversation.press(button);
  scroller.scrollTop = scroller.scrollHeight;
  // The button cannot be pressed any more: the keyboard goes on in the field.
  composer.focus();
});
const welcome = byId("welcome", HTMLElement);
const working = byId("working", HTMLElement);
const health = byId("health", HTMLElement);
const composer = openComposer(say);

function show(): void {
  const { transcript, isAwaited } = conversation;
  keepingEnd(scroller, () => {
    showTranscript(transcript);
    const last = transcript.entries.at(-1);
    working.hidden = !isAwaited || conversation.health.kind !== "well" || (last?.by === "agent" && !last.final);
    welcome.hidden = transcript.entries.length > 0;
  });
  composer.setWorking(isAwaited);
  const message = healthMessage(conversation.health);
  if (health.textContent !== message) health.textContent = message;
  health.hidden = message === "";
}

function healthMessage(state: Health): string {
  if (state.kind === "well") return "";
  if (state.kind === "unreachable")
    return `${state.message} Is it running (npm start)? I keep trying by myself, and send what you write when it is back.`;
  if (token === "")
    return "Open this page with its key: the address, then # and what web.secret in the data folder holds.";
  return `${state.message} Perhaps it was started anew with other data: reload this page.`;
}

function say(text: string): void {
  conversation.say(text);
  scroller.scrollTop = scroller.scrollHeight;
}

byId("new-session", HTMLButtonElement).addEventListener("click", () => {
  say("/new");
  composer.focus();
});
for (const suggestion of document.querySelectorAll("#suggestions button"))
  suggestion.addEventListener("click", () => {
    say(suggestion.textContent ?? "");
    composer.focus();
  });
document.addEventListener("visibilitychange", () => document.hidden || conversation.hurry());
addEventListener("online", () => conversation.hurry());
history.onSaved((transcript) => {
  conversation.transcript = transcript;
  show();
});

show();
scroller.scrollTop = scroller.scrollHeight;
conversation.start();
composer.focus();
