import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Inbound } from "../../../core/conversation/inbound.ts";
import { allowListOf, identityOf, isAllowed, isOwner } from "../../../core/gateway/authorise.ts";
import { conversationKeyOf, ownerOf, personOf } from "../../../core/gateway/conversation-key.ts";
import { platforms } from "../../../core/platforms/index.ts";
import { telegram } from "../../../core/platforms/telegram.ts";

const listOf = (allowed: string, owners = "") =>
  allowListOf({ TALARIA_ALLOWED_USERS: allowed, TALARIA_OWNERS: owners });
const from = (id: string): Inbound => ({
  key: "1",
  place: { platform: "telegram", chat: "-1", kind: "group" },
  sender: { id },
  text: "hi",
  sentAt: 1,
  order: "1",
});

describe("owners", () => {
  it("are let in without being on the list of allowed users, who are no owners then", () => {
    const list = listOf("telegram:7", "telegram:42, slack:U0ADA");
    const ids = ["42", "7", "8"];
    expect(ids.filter((id) => isAllowed(from(id), telegram, list))).toEqual(["42", "7"]);
    expect(ids.filter((id) => isOwner(identityOf(from(id)), list))).toEqual(["42"]);
    expect(isOwner("slack:42", list)).toBe(false);
    expect(isOwner(undefined, list)).toBe(false);
  });

  it("are all who were let in by name where none is named, and the operator alone where everybody may come", () => {
    expect(isOwner("telegram:7", listOf("telegram:7"))).toBe(true);
    expect(isOwner("telegram:7", listOf("telegram:7 *"))).toBe(false);
    expect(isOwner("telegram:7", listOf("*", "telegram:7"))).toBe(true);
    expect(isOwner("telegram:8", listOf("*", "telegram:7"))).toBe(false);
  });

  it("are the senders of exactly the platforms that are trusted, whoever is named", async () => {
    for (const [name, load] of Object.entries(platforms))
      expect(isOwner(`${name}:anybody`, listOf("*", "telegram:7"))).toBe((await load()).trusted === true);
  });

  it("do not become everybody by a star", () => {
    expect(isOwner("telegram:7", listOf("telegram:7", "*"))).toBe(false);
    expect(isAllowed(from("8"), telegram, listOf("telegram:7", "*"))).toBe(false);
  });
});

describe("personOf", () => {
  it("is who speaks in a direct chat, or alone in a group, and nobody where a thread is shared", () => {
    const text = fc.string({ maxLength: 6, unit: fc.constantFrom("a", ":", "%", "/", "#") });
    const id = text.filter((each) => each !== "");
    const anywhere = fc.record({
      kind: fc.constantFrom("direct" as const, "group" as const),
      chat: text,
      thread: fc.option(text, { nil: undefined }),
      sender: id,
    });
    fc.assert(
      fc.property(anywhere, ({ kind, chat, thread, sender }) => {
        const place = { platform: "telegram", chat, kind, ...(thread !== undefined && { thread }) };
        const conversation = conversationKeyOf("main", { place, sender: { id: sender } });
        const isShared = kind === "group" && thread !== undefined;
        const person = personOf(ownerOf(conversation, place, sender));
        expect(person).toBe(isShared ? undefined : `telegram:${sender}`);
      }),
    );
  });
});
