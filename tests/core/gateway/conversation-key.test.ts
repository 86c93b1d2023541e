import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Place } from "../../../core/conversation/place.ts";
import { conversationKeyOf, ownerOf, profileOf } from "../../../core/gateway/conversation-key.ts";

const place = (over: Partial<Place> = {}): Place => ({
  platform: "slack",
  workspace: "T1",
  chat: "C1",
  kind: "group",
  ...over,
});
const key = (over: Partial<Place> = {}, sender = "U1") =>
  conversationKeyOf("main", { place: place(over), sender: { id: sender } });

describe("conversationKeyOf", () => {
  it("gives each person of a group a conversation of their own, and a thread one for all", () => {
    expect(key({}, "U1")).not.toBe(key({}, "U2"));
    expect(key({ thread: "9" }, "U1")).toBe(key({ thread: "9" }, "U2"));
    expect(key({ kind: "direct" }, "U1")).toBe(key({ kind: "direct" }, "U2"));
  });

  it("begins with the profile", () => {
    const conversation = conversationKeyOf("a:b", { place: place(), sender: { id: "U1" } });
    expect(profileOf(conversation)).toBe("a:b");
  });

  it("never maps two places to one key, whatever their ids hold", () => {
    const text = fc.string({ maxLength: 6, unit: fc.constantFrom("a", ":", "%", "/", "#") });
    const arbitrary = fc.record({ workspace: text, chat: text, thread: text, sender: text });
    fc.assert(
      fc.property(arbitrary, arbitrary, (a, b) => {
        const keyOf = ({ sender, ...over }: typeof a) => key(over, sender);
        const isSame = a.workspace === b.workspace && a.chat === b.chat && a.thread === b.thread;
        expect(keyOf(a) === keyOf(b)).toBe(isSame);
      }),
    );
  });
});

describe("ownerOf", () => {
  it("is the person in a direct chat, whichever chat that is, and the conversation in a group", () => {
    const direct = place({ kind: "direct" });
    expect(ownerOf("k1", direct, "U1")).toBe(ownerOf("k2", direct, "U1"));
    expect(ownerOf("k1", direct, "U1")).not.toBe(ownerOf("k1", direct, "U2"));
    expect(ownerOf("k1", place(), "U1")).toBe("k1");
  });
});
