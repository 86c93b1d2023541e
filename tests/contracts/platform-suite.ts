import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Inbound } from "../../core/conversation/inbound.ts";
import type { Outbound } from "../../core/platforms/platform.ts";
import { asking } from "./platform-buttons.ts";
import {
  connectOptions,
  failureOf,
  messagesOf,
  rawRequest,
  type Delivery,
  type PlatformCase,
} from "./platform-case.ts";

const now = () => Date.now();
const minuteMs = 60_000;

/** What every platform owes the core, whatever its wire looks like. */
export function platformSuite(given: PlatformCase): void {
  const { platform } = given;
  describe(`${platform.name} keeps the platform contract`, () => {
    receiving(given);
    sending(given);
    const { buttons } = given;
    if (buttons) asking(given, buttons);
    it("has a case for its buttons when it has buttons", () => {
      expect(buttons !== undefined).toBe(platform.limits.maxButtons !== undefined);
    });
    it("says for each setting what it is, in one line", () => {
      for (const { name, help } of platform.settings) {
        expect(name).toMatch(/^[A-Z][A-Z0-9_]+$/);
        expect(help).toMatch(/^\S.{15,200}$/);
      }
    });
  });
}

function receiving(given: PlatformCase): void {
  const { platform } = given;
  const settings = given.settings("http://127.0.0.1:1");
  const verify = (delivery: Delivery, values = settings) => platform.verify(rawRequest(delivery), values, now());
  const parse = (delivery: Delivery) => platform.parse(rawRequest(delivery), settings);

  it("accepts a correctly signed message and reads it", () => {
    const delivery = given.message("hello there", 1);
    expect(verify(delivery)).toEqual({ ok: true });
    const [message] = messagesOf(parse(delivery));
    expect(message).toMatchObject({ text: "hello there", place: { platform: platform.name, kind: "direct" } });
    expect(Math.abs((message?.sentAt ?? 0) - now())).toBeLessThan(5 * minuteMs);
  });

  it("refuses a wrong and a missing signature", () => {
    const delivery = given.message("hello", 1);
    expect(verify(given.forged(delivery)).ok).toBe(false);
    expect(verify({ ...delivery, headers: {} }).ok).toBe(false);
  });

  it.each(given.verifyingSettings)("refuses everything while %s has no value", (name) => {
    expect(verify(given.message("hello", 1), { ...settings, [name]: "" }).ok).toBe(false);
    expect(verify(given.message("hello", 1), { ...settings, [name]: undefined }).ok).toBe(false);
  });

  if (given.hasTimestamp) bindingToTime(given);

  it.each(["{", "", "[]", "null", '"text"', '{"a":'])("calls a signed body of %j unreadable", (body) => {
    const delivery = given.signed(body);
    expect(verify(delivery)).toEqual({ ok: true });
    expect(parse(delivery).kind).toBe("unreadable");
  });

  it("gives a message the same key however often it is delivered, and another message another", () => {
    const keys = [1, 1, 2].map((id) => messagesOf(parse(given.message("hello", id)))[0]?.key);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  it("keeps the order of messages of the same second", () => {
    const at = now();
    const list = [8, 9, 10].map((id) => messagesOf(parse(given.message(`message ${id}`, id, at)))[0]);
    const sorted = list.toReversed().sort(byPlatformOrder);
    expect(sorted.map((message) => message?.text)).toEqual(list.map((message) => message?.text));
  });

  it.each(Object.entries(given.silent))("finds nothing to do in %s", (_what, delivery) => {
    expect(verify(delivery)).toEqual({ ok: true });
    expect(messagesOf(parse(delivery))).toEqual([]);
  });
}

function bindingToTime(given: PlatformCase): void {
  const settings = given.settings("http://127.0.0.1:1");
  const isAccepted = (ageMs: number) =>
    given.platform.verify(rawRequest(given.message("hello", 1, now() - ageMs)), settings, now()).ok;

  it("refuses a signature that is more than five minutes old or ahead", () => {
    expect([-6, -4, 4, 6].map((minutes) => isAccepted(minutes * minuteMs))).toEqual([false, true, true, false]);
  });
}

const byPlatformOrder = (a: Inbound | undefined, b: Inbound | undefined): number =>
  (a?.sentAt ?? 0) - (b?.sentAt ?? 0) || ((a?.order ?? "") < (b?.order ?? "") ? -1 : 1);

function sending(given: PlatformCase): void {
  const { platform, place } = given;
  let server: Awaited<ReturnType<PlatformCase["startServer"]>>;
  let outbound: Outbound;
  let parts = 0;
  const send = (text: string) =>
    outbound.send(place, platform.render(text), { idempotencyKey: `session-${(parts += 1)}` });

  beforeAll(async () => {
    server = await given.startServer();
    outbound = await platform.connect(given.settings(server.url), connectOptions);
  });
  afterAll(() => server.close());

  it("sends a message that the platform takes", async () => {
    const { id } = await send("**bold** & <plain> `code`");
    expect(id).not.toBe("");
    expect(server.messages.at(-1)?.text).toContain("bold");
    expect(server.messages.at(-1)?.text).toContain("<plain>");
  });

  it("edits a message, and takes equal text for a success", async () => {
    const { id } = await send("first");
    if (!outbound.edit) return expect(platform.limits.minEditIntervalMs).toBeUndefined();
    await outbound.edit(place, id, platform.render("second"));
    await outbound.edit(place, id, platform.render("second"));
    expect(server.messages.at(-1)?.text).toBe("second");
  });

  it("shows that it is at work without sending a message", async () => {
    const before = server.messages.length;
    if (!outbound.typing) return expect(platform.limits.typingMs).toBeUndefined();
    const calls = server.calls.length;
    await outbound.typing(place);
    expect(server.calls.length).toBe(calls + 1);
    expect(server.messages.length).toBe(before);
  });

  it("asks to be retried after the pause that the platform wants", async () => {
    server.failNext(given.flood);
    const error = await failureOf(send("too much"));
    expect(error).toMatchObject({ kind: "retryable", retryAfterMs: 7000 });
  });

  it("asks to be retried when the platform has a problem or cannot be reached", async () => {
    server.failNext({ status: 503, body: "upstream is away" });
    expect((await failureOf(send("down"))).kind).toBe("retryable");
    server.failNext({ how: "cut" });
    expect((await failureOf(send("cut"))).kind).toBe("retryable");
    const calls = server.calls.length;
    await send("up again");
    expect(server.calls.length).toBe(calls + 1);
  });

  it("gives up, with words for a person and without secrets, when the platform refuses", async () => {
    server.failNext(given.refusal);
    const error = await failureOf(send("refused"));
    expect(error.kind).toBe("refused");
    expect(error.message).toMatch(/^[A-Z].{20,}\.$/s);
    const secrets = platform.settings
      .filter(({ secret }) => secret)
      .map(({ name }) => given.settings(server.url)[name]);
    for (const secret of secrets) if (secret) expect(`${error.stack} ${String(error.cause)}`).not.toContain(secret);
  });
}
