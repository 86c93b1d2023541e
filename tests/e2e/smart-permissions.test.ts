import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAgent, type TestAgent, until } from "../support/agent.ts";

let agent: TestAgent;
let verdict = "DENY";
const command = "rm -rf build";

beforeAll(async () => {
  agent = await startAgent(
    ({ messages, system }) => {
      if (system.startsWith("You review one shell command")) return { text: verdict };
      const last = messages.at(-1);
      return last?.role === "tool"
        ? { text: `Result: ${last.content}` }
        : { toolCalls: [{ name: "terminal", arguments: { command } }] };
    },
    // In isolation nothing would be asked.
    { settings: { TALARIA_APPROVALS: "smart", TALARIA_SHELL_UNSAFE_HOST: "1" } },
  );
});
afterAll(() => agent.close());

const texts = () => agent.telegram.messages.map(({ text }) => text);
async function resultAfter(answer: string): Promise<string> {
  agent.telegram.messages.length = 0;
  verdict = answer;
  await agent.say("clean up");
  return until("the result", () => texts().find((text) => text.startsWith("Result:")));
}

describe("commands that a model denies", () => {
  it("are three in a row, over turns, before the agent is told to ask the person; an approved one ends the row", async () => {
    for (const number of [1, 2, 3, 4]) {
      const result = await resultAfter("DENY");
      expect(result).toContain("It deletes folders");
      expect(result.includes(`${number} commands in a row`)).toBe(number >= 3);
    }
    expect(await resultAfter("APPROVE")).toContain("exit_code");
    expect(await resultAfter("DENY")).not.toContain("in a row");
  });

  it("do not count when a person is asked in between", async () => {
    await resultAfter("APPROVE");
    for (const _ of [1, 2]) expect(await resultAfter("DENY")).not.toContain("in a row");
    agent.telegram.messages.length = 0;
    verdict = "ESCALATE";
    await agent.say("clean up");
    await until("the question", () => agent.telegram.messages.find(({ buttons }) => buttons !== undefined));
    await agent.say("no");
    await until("the result", () => texts().find((text) => text.startsWith("Result:")));
    expect(await resultAfter("DENY")).not.toContain("in a row");
  });
});
