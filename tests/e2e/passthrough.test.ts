import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bubblewrapHere } from "../core/shells/runners.ts";
import { skillText } from "../core/skills/skill-bench.ts";
import type { Brain, Reply } from "../fakes/model-server.ts";
import { startAgent, until, type TestAgent } from "../support/agent.ts";

/** In no form that a pattern of core/guard knows. */
const value = "violet-otter-crossing-a-bridge";
const digest = createHash("sha256").update(value).digest("hex");

let agent: TestAgent;
let brain: Brain = () => ({ text: "Hello." });

beforeAll(async () => {
  agent = await startAgent((request) => brain(request), {
    settings: { TALARIA_PASSTHROUGH: "SHOP_TOKEN,ABSENT_TOKEN", SHOP_TOKEN: value },
  });
});
afterAll(() => agent.close());
beforeEach(() => {
  agent.telegram.messages.length = 0;
});

const texts = () => agent.telegram.messages.map(({ text }) => text);
const call = (name: string, args: object): Reply => ({ toolCalls: [{ name, arguments: args }] });
/** Makes these calls one after the other. */
const calling =
  (...calls: Reply[]): Brain =>
  ({ messages }) => {
    const since = messages.slice(messages.findLastIndex(({ role }) => role === "user"));
    return calls[since.filter(({ role }) => role === "tool").length] ?? { text: "Done." };
  };
const isDone = () => until("the answer", () => texts().find((said) => said?.startsWith("Done")));
/** Says it, and waits for the answer to it; all that the model was sent since. */
async function sentFor(text: string, by: Brain): Promise<string> {
  brain = by;
  agent.model.requests.length = 0;
  await agent.say(text);
  await isDone();
  return JSON.stringify(agent.model.requests);
}

describe.skipIf(!(await bubblewrapHere()))("a variable that the operator passes", () => {
  it("is used by commands, and the model sees a mask wherever the value comes back", async () => {
    const sent = await sentFor(
      "look",
      calling(
        call("terminal", { command: 'printf %s "$SHOP_TOKEN" | sha256sum; echo "it is $SHOP_TOKEN"' }),
        call("terminal", { command: 'echo "a: $SHOP_TOKEN" > note.txt; printf %s "$SHOP_TOKEN" | base64' }),
        call("read_file", { path: "note.txt" }),
        call("terminal", { command: 'rm note.txt; echo "${ABSENT_TOKEN-none} ${OPENAI_API_KEY-none}"' }),
      ),
    );
    expect(sent).toContain(digest);
    // ABSENT_TOKEN has no value.
    expect(agent.model.requests[0]?.system).toContain("Set in the environment of every command: SHOP_TOKEN.");
    expect(sent).toContain("it is ***");
    expect(sent).toContain("a: ***");
    expect(sent).toContain("none none");
    expect(sent).not.toContain(value);
    expect(sent).not.toContain(Buffer.from(value).toString("base64").slice(0, 20));
  });

  it("is masked in the news of a process in the background", async () => {
    const command = 'until [ -e go ]; do sleep 0.05; done; rm go; echo "news: $SHOP_TOKEN"';
    brain = ({ messages }) => {
      const last = messages.at(-1);
      if (last?.role === "user" && last.text.includes("has ended")) return { text: "Done, it has ended." };
      if (last?.role === "tool") return { text: "It runs." };
      return call("terminal", { command, background: true, notify_on_complete: true });
    };
    agent.model.requests.length = 0;
    await agent.say("watch");
    await until("the process to run", () => texts().includes("It runs."));
    const workspaces = join(agent.dataFolder, "workspaces");
    const [workspace = ""] = readdirSync(workspaces).filter((name) => !name.startsWith("."));
    writeFileSync(join(workspaces, workspace, "go"), "");
    await isDone();
    const sent = JSON.stringify(agent.model.requests);
    expect(sent).toContain("has ended with exit code 0");
    expect(sent).toContain("news: ***");
    expect(sent).not.toContain(value);
    agent.telegram.messages.length = 0;
    // What a command prints, its output keeps: that is the command's own doing.
    await sentFor("forget its output", calling(call("terminal", { command: "rm -rf ~/.talaria/jobs" })));
  });

  it("stays in no file of the workspace or of the agent", () => {
    const files = readdirSync(agent.dataFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.some((file) => file.endsWith("state"))).toBe(true);
    expect(files.filter((file) => readFileSync(file).includes(value))).toEqual([]);
  });

  it("is what a skill's setup status goes by", async () => {
    const extra = "required_environment_variables: [SHOP_TOKEN, BANK_TOKEN]\n";
    const sent = await sentFor(
      "learn it",
      calling(
        call("skill_manage", { action: "create", name: "shop", content: skillText("shop", { extra }), reason: "new" }),
        call("skill_view", { name: "shop" }),
      ),
    );
    expect(sent).toContain(JSON.stringify('"status":"incomplete","missing":["BANK_TOKEN"]').slice(1, -1));
    await agent.say("/skills");
    await until("the list", () => texts().some((text) => text?.includes("needs BANK")));
  });
});
