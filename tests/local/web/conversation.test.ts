import { describe, expect, it, onTestFinished } from "vitest";
import { refused, retryable } from "../../../core/base/errors.ts";
import { Conversation } from "../../../web/chat/conversation.ts";
import { pollPauseMs } from "../../../web/chat/pace.ts";
import { lockedOut, openWire, type Letter, type Wire } from "../../../web/chat/wire.ts";
import { startFakeServer, type FakeServer } from "../../fakes/platform-server.ts";
import { manualClock, type ManualClock } from "../cloud/support.ts";

interface Agent extends Wire {
  sent: [id: string, text: string, pressed?: string][];
  letters: Letter[];
  fetches: number;
  /** Thrown by every exchange while it is set. */
  trouble: Error | undefined;
}

function agent(): Agent {
  const made: Agent = {
    sent: [],
    letters: [],
    fetches: 0,
    trouble: undefined,
    async send(id, text, pressed) {
      if (made.trouble) throw made.trouble;
      made.sent.push(pressed === undefined ? [id, text] : [id, text, pressed]);
    },
    async lettersAfter(version) {
      made.fetches += 1;
      if (made.trouble) throw made.trouble;
      return made.letters.filter((letter) => letter.version >= version);
    },
  };
  return made;
}

function talk(wire: Wire): { conversation: Conversation; clock: ManualClock } {
  const clock = manualClock(0);
  let ids = 0;
  const conversation = new Conversation({ wire, clock, newId: () => `m${(ids += 1)}`, onChange: () => {} });
  onTestFinished(() => conversation.close());
  conversation.start();
  return { conversation, clock };
}

const statesOf = ({ transcript }: Conversation) =>
  transcript.entries.map((entry) => (entry.by === "person" ? entry.state : entry.text));

describe("a conversation", () => {
  it("sends what is said, in order, and shows the reply", async () => {
    const wire = agent();
    const { conversation, clock } = talk(wire);
    conversation.say("one");
    conversation.say("two");
    await clock.moveTo(10);
    expect(wire.sent).toEqual([
      ["m1", "one"],
      ["m2", "two"],
    ]);
    wire.letters.push({ id: "r", text: "both", final: true, replyTo: "m2", version: 1 });
    await clock.moveTo(1_000);
    expect(statesOf(conversation)).toEqual(["sent", "sent", "both"]);
    expect(conversation.isAwaited).toBe(false);
  });

  it("sends the press of a button with its label, again and again until the agent has it", async () => {
    const wire = agent();
    const { conversation, clock } = talk(wire);
    wire.trouble = retryable("The agent cannot be reached.");
    conversation.press({ payload: "q:yes", label: "Yes" });
    await clock.moveTo(5_000);
    wire.trouble = undefined;
    await clock.moveTo(20_000);
    expect(wire.sent).toEqual([["m1", "Yes", "q:yes"]]);
    expect(conversation.transcript.entries).toMatchObject([{ text: "Yes", pressed: "q:yes", state: "sent" }]);
  });

  it("fetches often only while a reply is awaited", async () => {
    const wire = agent();
    const { conversation, clock } = talk(wire);
    await clock.moveTo(30_000);
    expect(wire.fetches).toBeLessThanOrEqual(11);
    const before = wire.fetches;
    conversation.say("hello");
    await clock.moveTo(32_000);
    expect(wire.fetches - before).toBeGreaterThanOrEqual(8);
  });

  it("keeps a message that could not be sent, says so, and sends it with the same id when it can", async () => {
    const wire = agent();
    const { conversation, clock } = talk(wire);
    wire.trouble = retryable("The agent cannot be reached.");
    conversation.say("hello");
    await clock.moveTo(20_000);
    expect(conversation.health).toEqual({ kind: "unreachable", message: "The agent cannot be reached." });
    expect(statesOf(conversation)).toEqual(["sending"]);
    wire.trouble = undefined;
    await clock.moveTo(40_000);
    expect(wire.sent).toEqual([["m1", "hello"]]);
    expect(conversation.health).toEqual({ kind: "well" });
  });

  it("shows why a message was refused, and goes on with the next", async () => {
    const wire = agent();
    const { conversation, clock } = talk(wire);
    await clock.moveTo(1);
    wire.trouble = refused("The text is too long.");
    conversation.say("x");
    await clock.moveTo(2);
    expect(conversation.transcript.entries[0]).toMatchObject({ state: "refused", problem: "The text is too long." });
    wire.trouble = undefined;
    conversation.say("y");
    await clock.moveTo(3);
    expect(wire.sent).toEqual([["m2", "y"]]);
  });

  it("says that it is locked out when the token is not the agent's", async () => {
    const wire = agent();
    wire.trouble = refused("The token is not the one of this agent.", { code: lockedOut });
    const { conversation, clock } = talk(wire);
    await clock.moveTo(1);
    expect(conversation.health.kind).toBe("locked-out");
  });

  it("fetches nothing once it is closed", async () => {
    const wire = agent();
    const { conversation, clock } = talk(wire);
    await clock.moveTo(1);
    conversation.close();
    const { fetches } = wire;
    await clock.moveTo(60_000);
    expect(wire.fetches).toBe(fetches);
  });
});

describe("the pace of fetching", () => {
  it("follows what is awaited, who looks and what failed", () => {
    const calm = { isAwaited: false, isHidden: false, failures: 0 };
    expect(pollPauseMs({ ...calm, isAwaited: true })).toBe(250);
    expect(pollPauseMs(calm)).toBe(3_000);
    expect(pollPauseMs({ ...calm, isHidden: true })).toBeGreaterThan(3_000);
    expect([1, 2, 3, 50].map((failures) => pollPauseMs({ ...calm, failures }))).toEqual([500, 1_000, 2_000, 10_000]);
  });
});

describe("the wire", () => {
  async function serverAnswering(status: number, body: unknown): Promise<FakeServer> {
    const server = await startFakeServer({ operationOf: (method) => method, answer: () => ({ status, body }) });
    onTestFinished(() => server.close());
    return server;
  }
  const wireTo = (url: string) => openWire({ url, token: "t-1", chat: "a b&c" });

  it("brings the token and the chat with every request", async () => {
    const server = await serverAnswering(200, { letters: [] });
    await wireTo(server.url).send("m1", "hi");
    await wireTo(server.url).lettersAfter(7);
    await wireTo(server.url).send("m2", "Yes", "q:yes");
    expect(JSON.parse(server.calls[2]?.text ?? "")).toEqual({ chat: "a b&c", text: "Yes", id: "m2", pressed: "q:yes" });
    expect(server.calls.slice(0, 2).map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer t-1",
      "Bearer t-1",
    ]);
    expect(JSON.parse(server.calls[0]?.text ?? "")).toEqual({ chat: "a b&c", text: "hi", id: "m1" });
    expect(server.calls[1]?.path).toBe("/webhooks/web?chat=a+b%26c&after=7");
  });

  it("takes letters with buttons, and none whose buttons are something else", async () => {
    const letter = { id: "r", text: "May I?", final: true, version: 1 };
    const buttons = [{ payload: "q:yes", label: "Yes" }];
    const wrong = [[7], [{ payload: 1, label: "Yes" }], [{ payload: "q" }], "Yes", null].map((other) => ({
      ...letter,
      buttons: other,
    }));
    const server = await serverAnswering(200, { letters: [{ ...letter, buttons }, ...wrong, letter] });
    expect(await wireTo(server.url).lettersAfter(0)).toEqual([{ ...letter, buttons }, letter]);
  });

  it.each([
    [503, { error: "Send it again." }, "retryable", "Send it again."],
    [429, "", "retryable", "HTTP 429"],
    [400, { error: "text: must not be empty" }, "refused", "text: must not be empty"],
    [401, { error: "The token is missing." }, "refused", "The token is missing."],
    [413, "<html>", "refused", "HTTP 413"],
    [200, "<html>a router's login page</html>", "retryable", "not the agent"],
  ])("turns HTTP %i with %j into a %s failure", async (status, body, kind, words) => {
    const server = await serverAnswering(status, body);
    const failure = wireTo(server.url).lettersAfter(0);
    await expect(failure).rejects.toMatchObject({ kind, message: expect.stringContaining(words) });
  });

  it("calls an agent that does not answer unreachable", async () => {
    const server = await serverAnswering(200, {});
    await server.close();
    await expect(wireTo(server.url).send("m", "t")).rejects.toMatchObject({ code: "wire.unreachable" });
  });
});
