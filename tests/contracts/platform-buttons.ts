import { afterAll, beforeAll, expect, it } from "vitest";
import { inboundSchema } from "../../core/conversation/inbound.ts";
import type { Button, Outbound } from "../../core/platforms/platform.ts";
import { damaged } from "./damaged.ts";
import {
  connectOptions,
  messagesOf,
  rawRequest,
  type ButtonsCase,
  type Delivery,
  type PlatformCase,
} from "./platform-case.ts";

const question = "qst_01jd2v9x6s8k3m4n5p6q7r8t9v";

/** Buttons as the core makes them: the longest payload, labels as long as people write them. */
const choices = (count: number): Button[] =>
  Array.from({ length: count }, (_, index) => ({
    payload: `${question}:${String(index).padStart(2, "0")}`.padEnd(60, "x"),
    label: `Allow it, whatever it is, and never ask again 🏠🏠🏠 in this conversation or in any other one (${index})`,
  }));

/** What a platform owes the core that has buttons. */
export function asking(given: PlatformCase, buttons: ButtonsCase): void {
  const { platform, place } = given;
  let server: Awaited<ReturnType<PlatformCase["startServer"]>>;
  let outbound: Outbound;
  let parts = 0;
  const ask = (text: string, list: readonly Button[]) =>
    outbound.send(place, platform.render(text), { idempotencyKey: `question-${(parts += 1)}`, buttons: list });
  const yesAndNo = [
    { payload: `${question}:yes`, label: "Yes" },
    { payload: `${question}:no`, label: "No" },
  ];

  beforeAll(async () => {
    server = await given.startServer();
    outbound = await platform.connect(given.settings(server.url), connectOptions);
  });
  afterAll(() => server.close());

  it("shows a question with its buttons, in order", async () => {
    await ask("May I **delete** it?", yesAndNo);
    const shown = server.messages.at(-1);
    expect(shown?.text).toContain("delete");
    expect(shown?.buttons).toEqual(yesAndNo);
  });

  it("shows as many buttons as it says, under a text as long as it says, and keeps payloads whole", async () => {
    const list = choices(platform.limits.maxButtons ?? 0);
    await ask(longText(platform.limits.maxLength), list);
    const shown = server.messages.at(-1)?.buttons ?? [];
    expect(shown.map(({ payload }) => payload)).toEqual(list.map(({ payload }) => payload));
    for (const { label } of shown) expect(label).toContain("Allow it");
    expect(new Set(shown.map(({ label }) => label)).size).toBe(list.length);
    expect(shown.every(({ label }) => label.isWellFormed())).toBe(true);
  });

  it("takes the buttons away when the question is edited, also to equal text", async () => {
    const { id } = await ask("May I?", yesAndNo);
    if (!outbound.edit) return expect(platform.limits.minEditIntervalMs).toBeUndefined();
    await outbound.edit(place, id, platform.render("May I?"));
    expect(server.messages.at(-1)).toMatchObject({ text: "May I?" });
    expect(server.messages.at(-1)?.buttons).toBeUndefined();
    await outbound.edit(place, id, platform.render("Ada said yes."));
    expect(server.messages.at(-1)?.text).toBe("Ada said yes.");
  });

  it("edits a message that never had buttons as before", async () => {
    const { id } = await outbound.send(place, platform.render("first"), { idempotencyKey: "plain" });
    await outbound.edit?.(place, id, platform.render("second"));
    expect(server.messages.at(-1)?.text).toBe(outbound.edit ? "second" : "first");
    expect(server.messages.at(-1)?.buttons).toBeUndefined();
  });

  pressing(given, buttons, yesAndNo);
}

function pressing(given: PlatformCase, { press, people, foreign, response }: ButtonsCase, of: readonly Button[]): void {
  const { platform, place } = given;
  const settings = given.settings("http://127.0.0.1:1");
  const [yes, no] = of as [Button, Button];
  const verify = (delivery: Delivery) => platform.verify(rawRequest(delivery), settings, Date.now()).ok;
  const parse = (delivery: Delivery) => platform.parse(rawRequest(delivery), settings);
  const read = (button: Button, id: number, by: string) => messagesOf(parse(press(button, { id, by, of })))[0];

  it("reads a press as its payload, said where the question stands by the one who pressed", () => {
    for (const by of people) {
      const { replyTo: _, ...where } = place;
      expect(read(no, 1, by)).toMatchObject({ pressed: no.payload, text: no.label, sender: { id: by }, place: where });
      expect(read(no, 1, by)?.place.thread).toBe(place.thread);
    }
  });

  it("takes every delivery of a press for the same, and every press for one of its own", () => {
    const keys = [1, 1, 2].map((id) => read(yes, id, people[0])?.key);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
    expect(messagesOf(parse(given.message("Yes", 1)))[0]?.key).not.toBe(keys[0]);
  });

  it("believes a press by its signature only", () => {
    const delivery = press(yes, { id: 1, by: people[0], of });
    expect(verify(delivery)).toBe(true);
    const changed = { ...delivery, body: delivery.body.replace("yes", "yep") };
    expect(verify(given.forged({ ...changed, body: changed.body.replace("Yes", "hello") }))).toBe(false);
  });

  it("tells the platform what it wants to read", () => {
    const parsed = parse(press(yes, { id: 1, by: people[0], of }));
    if (response === undefined) return expect(parsed).not.toHaveProperty("response");
    expect(parsed).toMatchObject({ response: { status: 200, body: expect.stringMatching(response) as string } });
  });

  it.each(Object.entries(foreign))("finds nothing to do in %s", (_what, delivery) => {
    expect(verify(delivery)).toBe(true);
    expect(messagesOf(parse(delivery))).toEqual([]);
  });

  it("never fails over a press that is not what the platform documents", () => {
    for (const body of damaged(press(yes, { id: 1, by: people[0], of }).body)) {
      const parsed = parse({ ...press(yes, { id: 1, by: people[0], of }), body });
      expect(["messages", "unreadable"]).toContain(parsed.kind);
      for (const message of parsed.kind === "messages" ? parsed.messages : [])
        expect(inboundSchema.safeParse(message).error).toBeUndefined();
    }
  });
}

/** Words in lines, of which none is longer than a screen is wide. */
const longText = (length: number): string =>
  "May I delete all of it, then?\n"
    .repeat(length)
    .slice(0, length - 1)
    .trim();
