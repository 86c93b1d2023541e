import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bounded,
  emptyTranscript,
  isAwaited,
  nextToSend,
  openButtons,
  pressedOf,
  withLetters,
  withOutcome,
  withPressed,
  withSaid,
  type Transcript,
} from "../../../web/chat/transcript.ts";
import { messageIds } from "../../../web/chat/message-id.ts";
import type { Letter } from "../../../web/chat/wire.ts";

const said = (...ids: string[]): Transcript => ids.reduce((so, id) => withSaid(so, id, `said ${id}`), emptyTranscript);
const letter = (id: string, version: number, more: Partial<Letter> = {}): Letter => ({
  id,
  text: `letter ${id} v${version}`,
  final: true,
  version,
  ...more,
});
const idsOf = ({ entries }: Transcript) => entries.map(({ id }) => id);

describe("a transcript", () => {
  it("awaits a reply until the final letter that answers the last message", () => {
    const draft = withLetters(said("a"), [letter("r", 1, { final: false, replyTo: "a" })]);
    expect([said("a"), draft].map(isAwaited)).toEqual([true, true]);
    expect(isAwaited(withLetters(draft, [letter("r", 2, { replyTo: "a" })]))).toBe(false);
  });

  it("awaits one reply for two messages that were answered together", () => {
    const two = said("a", "b");
    expect(isAwaited(withLetters(two, [letter("r", 1, { replyTo: "a" })]))).toBe(true);
    expect(isAwaited(withLetters(two, [letter("r", 1, { replyTo: "b" })]))).toBe(false);
  });

  it("awaits nothing for a message that was refused", () => {
    expect(isAwaited(withOutcome(said("a"), "a", { state: "refused", problem: "no" }))).toBe(false);
    expect(isAwaited(emptyTranscript)).toBe(false);
  });

  it("shows a letter once, in its newest version, however often it comes", () => {
    const once = withLetters(said("a"), [letter("r", 5, { replyTo: "a" })]);
    expect(withLetters(once, [letter("r", 5, { replyTo: "a" }), letter("r", 4)])).toBe(once);
    expect(once.version).toBe(5);
  });

  it("moves a reply that a later message joined below that message", () => {
    const draft = withLetters(said("a"), [letter("r", 1, { final: false, replyTo: "a" })]);
    const joined = withSaid(draft, "b", "and also");
    expect(idsOf(joined)).toEqual(["a", "r", "b"]);
    expect(idsOf(withLetters(joined, [letter("r", 2, { replyTo: "b" })]))).toEqual(["a", "b", "r"]);
  });

  it("keeps the parts of a long reply in order, above what was said meanwhile", () => {
    const parts = [letter("p1", 1, { replyTo: "a" }), letter("p2", 2, { replyTo: "a" })];
    expect(idsOf(withLetters(said("a", "b"), parts))).toEqual(["a", "p1", "p2", "b"]);
  });

  it("drops a draft that its writer left behind once a finished letter comes", () => {
    const draft = withLetters(said("a"), [letter("left", 1, { final: false, replyTo: "a" })]);
    expect(idsOf(withLetters(draft, [letter("r", 2, { replyTo: "a" })]))).toEqual(["a", "r"]);
  });

  it("puts a letter that nobody asked for at the end", () => {
    expect(idsOf(withLetters(said("a"), [letter("news", 1)]))).toEqual(["a", "news"]);
  });

  it("names the oldest message that the agent does not have", () => {
    expect(nextToSend(withOutcome(said("a", "b"), "a", { state: "sent" }))?.id).toBe("b");
    expect(nextToSend(withOutcome(said("a"), "a", { state: "sent" }))).toBeUndefined();
  });

  it("is cut to its newest entries, and to the last one at least", () => {
    const long = said("a", "b", "c");
    expect(idsOf(bounded(long, 2, 1000))).toEqual(["b", "c"]);
    expect(idsOf(bounded(long, 10, 13))).toEqual(["b", "c"]);
    expect(idsOf(bounded(long, 10, 1))).toEqual(["c"]);
    expect(idsOf(bounded(long, 10, 1000))).toEqual(["a", "b", "c"]);
    expect(bounded(emptyTranscript, 10, 10)).toEqual(emptyTranscript);
  });
});

describe("a question in a transcript", () => {
  const buttons = [
    { payload: "q:yes", label: "Yes" },
    { payload: "q:no", label: "No" },
  ] as const;
  const question = letter("q", 1, { replyTo: "a", buttons });
  const asked = withLetters(said("a"), [question]);
  const pressed = withPressed(asked, "p", buttons[0]);

  it("awaits nothing until it is answered, and then the answer to the press", () => {
    expect(isAwaited(asked)).toBe(false);
    expect(isAwaited(pressed)).toBe(true);
    expect(isAwaited(withLetters(pressed, [letter("r", 3, { replyTo: "p" })]))).toBe(false);
  });

  it("can be answered once; a press that was refused is none", () => {
    expect(openButtons(asked)).toEqual(buttons);
    expect(pressedOf(asked, question)).toBeUndefined();
    expect([pressedOf(pressed, question), openButtons(pressed)]).toEqual(["q:yes", []]);
    const refused = withOutcome(pressed, "p", { state: "refused", problem: "no" });
    expect([pressedOf(refused, question), openButtons(refused)]).toEqual([undefined, buttons]);
  });

  it("is not open while it is written, nor when its buttons are taken away or something newer was written", () => {
    expect(openButtons(withLetters(said("a"), [{ ...question, final: false }]))).toEqual([]);
    expect(openButtons(withLetters(asked, [letter("q", 2, { replyTo: "a" })]))).toEqual([]);
    expect(openButtons(withLetters(asked, [letter("r", 2, { replyTo: "a" })]))).toEqual([]);
  });

  it("stays where it stands when its answer is noted in it, and is not taken for the reply to that answer", () => {
    const noted = withLetters(pressed, [letter("q", 2, { replyTo: "p", text: "You said yes." })]);
    expect(idsOf(noted)).toEqual(["a", "q", "p"]);
    expect(noted.entries[1]).toEqual({
      by: "agent",
      id: "q",
      text: "You said yes.",
      final: true,
      replyTo: "a",
      version: 2,
    });
    expect([isAwaited(noted), noted.version]).toEqual([true, 2]);
  });

  it("says the label of the button", () => {
    expect(nextToSend(withOutcome(pressed, "a", { state: "sent" }))).toMatchObject({
      id: "p",
      text: "Yes",
      pressed: "q:yes",
    });
  });
});

describe("message ids", () => {
  it("are UUIDs of version 7 that sort as they were made, even when the clock stands still or goes back", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 47 }), { minLength: 2, maxLength: 20 }), (times) => {
        let index = 0;
        const next = messageIds(() => times[index++] ?? 0);
        const ids = times.map(() => next());
        expect([...ids].sort()).toEqual(ids);
        for (const id of ids)
          expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });
});
