import { describe, expect, onTestFinished, test } from "vitest";
import { buildPrompt } from "../../../core/agent/prompt.ts";
import type { Message } from "../../../core/conversation/message.ts";
import { learnPrompt } from "../../../core/learning/commands.ts";
import { invokeSkills } from "../../../core/skills/invoke.ts";
import { reply, type Prompt } from "../../../local/practice-model/practice-model.ts";
import type { Call } from "../../../local/practice-model/rule.ts";
import { filesOf, startSkillBench } from "../../core/skills/skill-bench.ts";

const tools = ["terminal", "read_file", "write_file", "search_files", "memory", "todo"];

interface Outcome {
  calls: Call[];
  text: string;
  messages: Message[];
}

/** A turn with the given tools' results, until the model answers with text. */
function converse(text: string, run: (call: Call) => unknown = () => ({}), more: Partial<Prompt> = {}): Outcome {
  const messages: Message[] = [...(more.messages ?? []), { role: "user", text }];
  const calls: Call[] = [];
  for (;;) {
    const answer = reply({ system: "", tools, mayCall: true, ...more, messages });
    if ("text" in answer) {
      return {
        calls,
        text: answer.text,
        messages: [...messages, { role: "assistant", text: answer.text, toolCalls: [] }],
      };
    }
    const id = `call_${calls.push(answer.call)}`;
    const result = run(answer.call);
    messages.push(
      {
        role: "assistant",
        text: "",
        toolCalls: [{ id, name: answer.call.tool, arguments: JSON.stringify(answer.call.arguments) }],
      },
      {
        role: "tool",
        callId: id,
        name: answer.call.tool,
        content: typeof result === "string" ? result : JSON.stringify(result),
      },
    );
  }
}

const printed = (output: string) => () => ({ output, exit_code: 0 });
const terminal = (command: string): Call => ({ tool: "terminal", arguments: { command } });

describe("the practice model", () => {
  test.each<[string, Call[]]>([
    ["how many files are in the current directory? use the shell", [terminal("find . -maxdepth 1 -type f | wc -l")]],
    ["Count the files in /tmp, please.", [terminal("find /tmp -maxdepth 1 -type f | wc -l")]],
    ["How many files are there in `my dir`?", [terminal("find 'my dir' -maxdepth 1 -type f | wc -l")]],
    ["run `ls -la`", [terminal("ls -la")]],
    ['Please run `echo "a. b" && false`.', [terminal('echo "a. b" && false')]],
    ["Run this:\n```bash\nfor i in 1 2; do\n  echo $i\ndone\n```", [terminal("for i in 1 2; do\n  echo $i\ndone")]],
    ["Can you run uname -a?", [terminal("uname -a")]],
    ["use the shell to print the date", []],
    ["Use the shell to ls /etc", [terminal("ls /etc")]],
    ["list the files in src", [terminal("ls -la src")]],
    ["Which files are there?", [terminal("ls -la .")]],
    ["read notes.txt", [{ tool: "read_file", arguments: { path: "notes.txt" } }]],
    ["What is in the file ./docs/a-b.md?", [{ tool: "read_file", arguments: { path: "./docs/a-b.md" } }]],
    ['write "hi. there" to b.txt', [{ tool: "write_file", arguments: { path: "b.txt", content: "hi. there\n" } }]],
    [
      "Create a file called a.txt with the text hello world",
      [{ tool: "write_file", arguments: { path: "a.txt", content: "hello world\n" } }],
    ],
    [
      "remember that I like tea.",
      [{ tool: "memory", arguments: { action: "add", target: "user", content: "I like tea" } }],
    ],
    [
      "Remember: the build needs Node 24",
      [{ tool: "memory", arguments: { action: "add", target: "memory", content: "the build needs Node 24" } }],
    ],
    ["search for `TALARIA_MODEL` in the files", [{ tool: "search_files", arguments: { pattern: "TALARIA_MODEL" } }]],
    [
      "add buy milk to my todo list",
      [
        {
          tool: "todo",
          arguments: { merge: true, todos: [{ id: "buy milk", content: "buy milk", status: "pending" }] },
        },
      ],
    ],
    ["what is 6 times 7?", []],
    ["make me a sandwich", []],
  ])("understands %j", (text, calls) => {
    expect(converse(text).calls).toEqual(calls);
  });

  test("answers from what the tool returned", () => {
    expect(converse("How many files are in the current directory?", printed("  12\n")).text).toContain(
      "There are 12 files in the current directory",
    );
    expect(converse("run `pwd`", printed("/home\n")).text).toContain("`pwd` printed:\n```\n/home\n```");
    expect(converse("run `true`", printed("")).text).toContain("printed nothing");
    expect(converse("read a.txt", () => ({ content: "with ``` inside" })).text).toContain(
      "````\nwith ``` inside\n````",
    );
  });

  test("does several requests one after the other and answers them together", () => {
    const { calls, text } = converse(
      'run `pwd`, then write "x; y" to a.txt and read a.txt. What is 2 + 2?',
      ({ tool }) => (tool === "terminal" ? { output: "/home", exit_code: 0 } : { content: "x; y" }),
    );
    expect(calls.map(({ tool }) => tool)).toEqual(["terminal", "write_file", "read_file"]);
    expect(text).toMatch(/\/home[\s\S]*I wrote "x; y"[\s\S]*`a\.txt` says:[\s\S]*2 \+ 2 = 4/);
  });

  test("takes up a message that arrives while it works", () => {
    const { messages } = converse("run `pwd`", printed("/home"));
    const working = messages.slice(0, -1);
    const answer = reply({
      system: "",
      tools,
      mayCall: true,
      messages: [...working, { role: "user", text: "and run `id`" }],
    });
    expect(answer).toEqual({ call: terminal("id") });
  });

  test.each<[string, unknown, RegExp]>([
    ["an exit code", { output: "no such file", exit_code: 2 }, /exit code 2:\n```\nno such file/],
    ["an error", { error: "The shell is asleep." }, /failed: The shell is asleep\./],
    ["a sentence of the runner", "The outcome of this call is unknown.", /did not go through: The outcome/],
    [
      "a command that was not allowed",
      { status: "not allowed", note: "Not run.", answer: "hm" },
      /was not run: .*“hm”/,
    ],
    ["a command that nobody allowed", { status: "not answered", note: "Not run." }, /was not run: .*nobody answered/],
    [
      "a command that goes on",
      { status: "running", process: "job_1", output: "half\n", note: "It goes on." },
      /still runs, in the background now \(process `job_1`\).*:\n```\nhalf/,
    ],
  ])("reports %s honestly", (_name, result, expected) => {
    expect(converse("run `cat x`", () => result).text).toMatch(expected);
  });

  test("says what it is in the first reply of a conversation, and only there", () => {
    const first = converse("hello");
    expect(first.text).toMatch(/^I am Talaria's practice model: .*OPENAI_API_KEY/);
    expect(converse("hello", undefined, { messages: first.messages }).text).not.toContain("practice model");
  });

  test("says so when it does not understand, and lists what it can do", () => {
    const { text } = converse("make me a sandwich");
    expect(text).toContain('I do not understand "make me a sandwich".');
    expect(text).toContain("- run `ls -la`");
  });

  test("knows the date and the memory from its instructions, and what it was told just now", () => {
    const system = buildPrompt({
      soul: "You are brief.",
      skills: "",
      tools,
      platform: { name: "terminal", hint: "" },
      person: "Ann",
      notebooks: { memory: ["The build needs\n\ntwo lines"], user: ["Likes tea", "Lives in Rome"] },
      threatIn: () => undefined,
      model: "practice",
      now: Date.UTC(2026, 10, 22),
    });
    expect(converse("what day is it?", undefined, { system }).text).toMatch(/Sunday,? 22 November 2026/);
    const { messages } = converse("remember that my cat is Tom");
    const { text } = converse("What do you remember about me?", undefined, { system, messages });
    expect(text).toBe("I remember:\n- The build needs\n\ntwo lines\n- Likes tea\n- Lives in Rome\n- my cat is Tom");
    const failed = converse("remember that I am 40", () => ({ error: "The notebook is full." }));
    expect(converse("what do you know about me?", undefined, { messages: failed.messages }).text).toContain(
      "I remember nothing yet.",
    );
    expect(converse("what do you know about me?").text).toContain("I remember nothing yet.");
  });

  test("says that a note waits for approval", () => {
    const note = "It waits for the person's approval (/memory pending). Do not repeat this call.";
    expect(converse("remember that I like tea", () => ({ success: true, note })).text).toContain(
      "it waits for your approval (`/memory pending`): I like tea.",
    );
  });

  test("answers once what Talaria says in the person's place, and says that it takes a real model", async () => {
    const bench = await startSkillBench();
    onTestFinished(() => bench.close());
    const library = bench.open();
    await library.commit({ name: "tea", files: filesOf("tea"), version: 0, reason: "a test" });
    const invoked = (await invokeSkills(library, "/tea for two. Then run `ls`"))?.text ?? "";
    const news = "[Not from the person, but from your machine: The background process j has ended with exit code 0.";
    const { messages } = converse("hello");
    const answered = (text: string) => converse(text, undefined, { messages });
    for (const sender of ["", "[Ann, 1] "]) {
      expect(answered(`${sender}${invoked}`)).toMatchObject({
        calls: [],
        text: expect.stringMatching(/^You called `tea`: .*real model.*OPENAI_API_KEY[^\n]*$/) as string,
      });
      expect(answered(`${sender}${learnPrompt("https://example.com/a")}`)).toMatchObject({
        calls: [],
        text: expect.stringMatching(/^`\/learn` .* https:\/\/example\.com\/a\..*OPENAI_API_KEY[^\n]*$/) as string,
      });
    }
    expect(answered(learnPrompt("")).text).toContain("what we did in this conversation");
    expect(answered(`${news}]`).text).toBe("The background process j has ended with exit code 0.");
    expect(answered(`${news}\nThe end of its output:\nrun this\nthen that]`).text).toMatch(
      /exit code 0\. It wrote:\n```\nrun this\nthen that\n```$/,
    );
  });

  test("shows what a search found and what is on the list", () => {
    const searched = converse("search for tea", () => ({ count: 1, results: "a.txt:3:green tea" }));
    expect(searched.text).toContain("a.txt:3:green tea");
    const todos = [{ id: "1", content: "buy milk", status: "pending" }];
    expect(converse("show the todo list", () => ({ todos })).text).toContain("- buy milk (pending)");
    expect(converse("show the todo list", () => ({ todos: [] })).text).toContain("The list is empty.");
  });

  test("looks past the sender's name in a group", () => {
    expect(converse("[Ann Example] run `pwd`").calls).toEqual([terminal("pwd")]);
    expect(converse("[Ann] what is 1 + 1").text).toContain("1 + 1 = 2");
  });

  test("calls nothing that is not offered, and nothing at all when calls are forbidden", () => {
    const withoutTools = converse("run `pwd`", undefined, { tools: [] });
    expect(withoutTools.calls).toEqual([]);
    expect(withoutTools.text).toContain("may not call it now");
    const { messages } = converse("run `pwd`", printed("/home"));
    const closing = reply({
      system: "",
      tools,
      mayCall: false,
      messages: [...messages.slice(0, -1), { role: "user", text: "run `id`" }],
    });
    expect(closing).toHaveProperty("text", expect.stringMatching(/\/home[\s\S]*may not call it now/));
  });
});
