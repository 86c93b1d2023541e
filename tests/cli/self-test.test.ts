import { describe, expect, it, onTestFinished } from "vitest";
import type { Clock } from "../../core/base/clock.ts";
import { selfTest } from "../../cli/self-test.ts";
import { startFakeServer } from "../fakes/platform-server.ts";

/** Time passes only by sleeping. */
function turnedClock(): Clock {
  let now = 1_800_000_000_000;
  return {
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
}

/** The web platform as its clients see it (core/platforms/web.ts), with these letters in every chat. */
async function startWeb(letters: object[]) {
  const server = await startFakeServer({
    operationOf: (method) => method,
    answer: ({ method }) => ({ status: 200, body: method === "GET" ? { letters } : { ok: true } }),
  });
  onTestFinished(() => server.close());
  const ask = () => selfTest({ url: server.url, token: "t", clock: turnedClock() });
  return { server, ask };
}

const letter = (text: string, final = true) => ({ id: "1", text, final, version: 1 });

describe("the self-test", () => {
  it("posts the same message again while the address is new and not known everywhere", async () => {
    const { server, ask } = await startWeb([letter("Ready!")]);
    server.failNext({ operation: "POST", status: 502, times: 3 });
    expect(await ask()).toMatchObject({ level: "ok" });
    const posts = server.calls.filter(({ operation }) => operation === "POST").map(({ text }) => text);
    expect(posts).toHaveLength(4);
    expect(new Set(posts).size).toBe(1);
  });

  it("gives up on an address that stays silent, and says what it met", async () => {
    const { server, ask } = await startWeb([]);
    server.failNext({ operation: "POST", status: 502, times: 1000 });
    expect(await ask()).toMatchObject({ level: "problem", text: expect.stringContaining("HTTP 502") as string });
  });

  it("is a problem when no finished reply comes", async () => {
    const { ask } = await startWeb([letter("Rea", false)]);
    expect(await ask()).toMatchObject({ level: "problem", text: "Self-test: no reply within 120 s" });
  });

  it("shows a reply that is not the word: it may be a report of what failed", async () => {
    const { ask } = await startWeb([letter("The model refuses the key.")]);
    expect(await ask()).toMatchObject({
      level: "warning",
      text: expect.stringContaining("“The model refuses the key.”") as string,
    });
  });
});
