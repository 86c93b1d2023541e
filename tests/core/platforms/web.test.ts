import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../core/base/clock.ts";
import type { Mailbox } from "../../../core/platforms/mailbox.ts";
import type { Outbound } from "../../../core/platforms/platform.ts";
import { web } from "../../../core/platforms/web.ts";
import { dynamoDbSdk } from "../../../core/store/dynamodb-sdk.ts";
import { openMailbox } from "../../../core/store/mailbox.ts";
import { openTable } from "../../../core/store/table.ts";
import { manifest, resourceEnvironment } from "../../../stacks/manifest.ts";
import { messagesOf, rawRequest, type Delivery } from "../../contracts/platform-case.ts";
import { clientSettings, cloudFor } from "../../local/cloud/support.ts";

const settings = { TALARIA_WEB_TOKEN: "a-token-of-this-agent" };
const id = "019abcde-f012-7345-8901-23456789abcd";
const sentAt = 0x019a_bcde_f012;
const authorization = `Bearer ${settings.TALARIA_WEB_TOKEN}`;

const post = (body: unknown, headers: Record<string, string> = { authorization }): Delivery => ({
  method: "POST",
  path: "/webhooks/web",
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const get = (query: Record<string, string>): Delivery => ({ ...post(""), method: "GET", query });
const verify = (delivery: Delivery, values: Record<string, string | undefined> = settings) =>
  web.verify(rawRequest(delivery), values, 0);
const parse = (delivery: Delivery) => web.parse(rawRequest(delivery), settings);

describe("a request to the web platform", () => {
  it("is accepted with the token, whether it posts or fetches", () => {
    expect(verify(post({}))).toEqual({ ok: true });
    expect(verify(get({ chat: "c" }))).toEqual({ ok: true });
    expect(verify(post({}, { authorization: authorization.replace("Bearer", "bearer") }))).toEqual({ ok: true });
  });

  it.each([
    [{}, "missing"],
    [{ authorization: "" }, "missing"],
    [{ authorization: "Bearer " }, "missing"],
    [{ authorization: `Basic ${settings.TALARIA_WEB_TOKEN}` }, "missing"],
    [{ authorization: "Bearer another-token" }, "not the one"],
    [{ authorization: `${authorization}x` }, "not the one"],
  ])("is refused with the headers %j", (headers: Record<string, string>, reason) => {
    const verdict = verify(post({}, headers));
    expect(verdict).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
    expect(JSON.stringify(verdict)).not.toContain(settings.TALARIA_WEB_TOKEN);
  });

  it("is refused while the token has no value, whatever it brings", () => {
    expect(verify(post({}), { TALARIA_WEB_TOKEN: "" }).ok).toBe(false);
    expect(verify(post({}, { authorization: "Bearer undefined" }), {}).ok).toBe(false);
  });
});

describe("a posted message", () => {
  it("is one message of the owner, keyed and timed by its id", () => {
    expect(messagesOf(parse(post({ chat: "page-1", text: "hello", id })))).toEqual([
      {
        key: id,
        place: { platform: "web", chat: "page-1", kind: "direct", replyTo: id },
        sender: { id: "owner" },
        text: "hello",
        sentAt,
        order: id,
      },
    ]);
  });

  it("is the same message when it is sent again, also with its id in capitals", () => {
    const [first, again, other] = [id, id.toUpperCase(), id.replace("abcd", "abce")].map(
      (each) => messagesOf(parse(post({ chat: "page-1", text: "hello", id: each })))[0],
    );
    expect(again).toEqual(first);
    expect(other?.key).not.toBe(first?.key);
  });

  it("may be the press of a button, with its label or without", () => {
    const read = (body: object) => messagesOf(parse(post({ chat: "c", id, ...body })))[0];
    expect(read({ pressed: "q:yes", text: "Yes" })).toMatchObject({ key: id, pressed: "q:yes", text: "Yes" });
    expect(read({ pressed: "q:yes" })).toMatchObject({ pressed: "q:yes", text: "" });
    expect(read({ text: "Yes" })).not.toHaveProperty("pressed");
  });

  it("may name the person", () => {
    expect(messagesOf(parse(post({ chat: "c", text: "hi", id, name: "Ada" })))[0]?.sender).toEqual({
      id: "owner",
      name: "Ada",
    });
  });

  it.each([
    ["{", "not JSON"],
    ["", "not JSON"],
    ["null", "not as documented"],
    [[], "not as documented"],
    [{ text: "hi", id }, "chat"],
    [{ chat: "", text: "hi", id }, "chat"],
    [{ chat: "c".repeat(201), text: "hi", id }, "chat"],
    [{ chat: "c", text: " \n", id }, "text: must not be empty"],
    [{ chat: "c", text: "x".repeat(100_001), id }, "text"],
    [{ chat: "c", pressed: "", id }, "pressed"],
    [{ chat: "c", pressed: "x".repeat(61), id }, "pressed"],
    [{ chat: "c", pressed: 7, id }, "pressed"],
    [{ chat: "c", text: "hi" }, "id"],
    [{ chat: "c", text: "hi", id: "1" }, "id: must be a UUID of version 7"],
    [{ chat: "c", text: "hi", id: "11111111-1111-4111-8111-111111111111" }, "id: must be a UUID of version 7"],
  ])("with the body %j is told what is wrong", (body, reason) => {
    expect(parse(post(body))).toMatchObject({ kind: "unreadable", reason: expect.stringContaining(reason) });
  });
});

describe("a fetch of letters", () => {
  it("names its chat and the version it has", () => {
    expect(parse(get({ chat: "c", after: "1700000000000" }))).toEqual({
      kind: "mailbox",
      chat: "c",
      after: 1_700_000_000_000,
    });
    expect(parse(get({ chat: "c" }))).toEqual({ kind: "mailbox", chat: "c", after: 0 });
  });

  it.each([
    [{}, "chat"],
    [{ chat: "c", after: "yesterday" }, "after"],
    [{ chat: "c", after: "-1" }, "after"],
    [{ chat: "c", after: "1e40" }, "after"],
  ])("with the query %j is told what is wrong", (query: Record<string, string>, reason) => {
    expect(parse(get(query))).toMatchObject({ kind: "unreadable", reason: expect.stringContaining(reason) });
  });
});

describe("a reply", () => {
  const place = { platform: "web", chat: "c", kind: "direct", replyTo: id } as const;

  /** The real mailbox in a real table; every write is one millisecond after the last. */
  async function open(): Promise<{ outbound: Outbound; mailbox: Mailbox }> {
    const cloud = await cloudFor({ tables: manifest.tables });
    const client = new DynamoDBClient(clientSettings(cloud, "DYNAMODB"));
    onTestFinished(() => client.destroy());
    let now = 1_700_000_000_000;
    const table = openTable(cloud.awsEnvironment[resourceEnvironment.table] ?? "", dynamoDbSdk(client));
    const mailbox = openMailbox(table, "main", "web", () => (now += 1));
    return { mailbox, outbound: await web.connect(settings, { clock: systemClock, mailbox }) };
  }

  it("is a letter that says what it answers, and sent twice it is still one", async () => {
    const { outbound, mailbox } = await open();
    const sent = await outbound.send(place, "Done.", { idempotencyKey: "ses_1-1-0" });
    expect(await outbound.send(place, "Done.", { idempotencyKey: "ses_1-1-0" })).toEqual(sent);
    expect(await mailbox.after("c", 0)).toMatchObject([{ id: sent.id, text: "Done.", final: true, replyTo: id }]);
  });

  it("may have buttons, which are gone once it is edited", async () => {
    const { outbound, mailbox } = await open();
    const buttons = [
      { payload: "q:yes", label: "Yes" },
      { payload: "q:no", label: "No" },
    ];
    const { id: letter } = await outbound.send(place, "May I?", { idempotencyKey: "k", buttons });
    expect(await mailbox.after("c", 0)).toMatchObject([{ text: "May I?", final: true, buttons }]);
    await outbound.edit?.(place, letter, "May I? You said yes.");
    expect((await mailbox.after("c", 0))[0]).not.toHaveProperty("buttons");
  });

  it("is not final while it is written, and its cursor is left out", async () => {
    const { outbound, mailbox } = await open();
    const drafts = ["Let me see ▌", "```ts\nconst a ▌\n```", "> ~~~~\n> x ▌\n> ~~~~"];
    for (const [index, draft] of drafts.entries()) await outbound.send(place, draft, { idempotencyKey: `k${index}` });
    expect((await mailbox.after("c", 0)).map(({ text, final }) => [text, final])).toEqual([
      ["Let me see", false],
      ["```ts\nconst a", false],
      ["> ~~~~\n> x", false],
    ]);
  });

  it("grows in its place, and what changed comes last", async () => {
    const { outbound, mailbox } = await open();
    const first = await outbound.send(place, "One ▌", { idempotencyKey: "k1" });
    await outbound.send(place, "Two", { idempotencyKey: "k2" });
    const [, newest] = await mailbox.after("c", 0);
    await outbound.edit?.(place, first.id, "One and a half");
    const letters = await mailbox.after("c", newest?.version ?? 0);
    expect(letters.map(({ text, final }) => [text, final])).toEqual([
      ["Two", true],
      ["One and a half", true],
    ]);
    expect(await mailbox.after("c", (letters[1]?.version ?? 0) + 1)).toEqual([]);
  });

  it("is seen in its own chat only", async () => {
    const { outbound, mailbox } = await open();
    await outbound.send(place, "Private.", { idempotencyKey: "k" });
    expect(await mailbox.after("d", 0)).toEqual([]);
    expect(await mailbox.after("c:x", 0)).toEqual([]);
  });

  it("of a long absence comes in parts of fifty letters, and none is lost", async () => {
    const { outbound, mailbox } = await open();
    for (let index = 0; index < 60; index += 1)
      await outbound.send(place, `Letter ${index}`, { idempotencyKey: `k${index}` });
    const first = await mailbox.after("c", 0);
    const rest = await mailbox.after("c", first.at(-1)?.version ?? 0);
    expect(first.length).toBe(50);
    expect(new Set([...first, ...rest].map((letter) => letter.text)).size).toBe(60);
  });
});
