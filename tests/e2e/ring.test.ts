import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../core/base/ids.ts";
import { startAgent, until, type TestAgent } from "../support/agent.ts";

let agent: TestAgent;
beforeAll(async () => {
  agent = await startAgent(() => ({ text: "I see." }));
});
afterAll(() => agent.close());

const place = { platform: "telegram", chat: "42", kind: "direct" as const };
const conversation = "main:telegram::direct:42::";
const door = { conversation, session: "ses_1", workspace: "nobody", place, sender: "42" };
const ringAt = (path: string, body: object | string, method = "POST") =>
  fetch(`${agent.cloud.url}${path}`, {
    method,
    ...(method === "POST" && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
const ring = async (job: string, body: object = { event: "ended", number: 1 }) =>
  (await ringAt(`/shell/jobs/${job}`, body)).status;
const heard = () => agent.telegram.messages.length;
const atRest = () => until("rest", async () => (await agent.store.leases.current(conversation))?.held === false);

describe("a job that rings", () => {
  it("is not known before its door is open, tells once then, and is not wanted any more when it is closed", async () => {
    const job = newId("job");
    expect(await ring(job)).toBe(404);
    await agent.store.doors.open(job, { ...door, rings: "tell" });
    expect(await ring(job)).toBe(200);
    await until("the news", () => heard() === 1);
    await atRest();
    // Its end was told: nobody wants to hear it again.
    expect(await ring(job)).toBe(410);
    await atRest();
    expect(heard()).toBe(1);
    expect(agent.model.requests.at(-1)?.messages.at(-1)).toMatchObject({
      text: expect.stringMatching(/Not from the person.*background process/s),
    });
  });

  it("cannot make us work by ringing often", async () => {
    const job = newId("job");
    await agent.store.doors.open(job, { ...door, rings: "tell" });
    const before = heard();
    for (let number = 1; number <= 30; number += 1)
      expect([200, 410]).toContain(await ring(job, { event: "matched", number }));
    await until("the news", () => heard() > before);
    await atRest();
    expect(heard()).toBe(before + 1);
  });

  it("with nonsense, or at another address, is refused", async () => {
    const job = newId("job");
    await agent.store.doors.open(job, { ...door, rings: "tell" });
    expect((await ringAt(`/shell/jobs/${job}`, "ding")).status).toBe(400);
    expect((await ringAt(`/shell/jobs/${job}`, { event: "ended", number: -1 })).status).toBe(400);
    expect((await ringAt(`/shell/jobs/${job}`, {}, "GET")).status).toBe(404);
    expect((await ringAt(`/shell/jobs/../../etc`, {})).status).toBe(404);
    expect((await ringAt(`/shell/other`, {})).status).toBe(404);
  });
});
