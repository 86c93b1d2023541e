import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { refused } from "../../../core/base/errors.ts";
import { Talk } from "../../../local/chat/talk.ts";
import { ReplyPrinter } from "../../../local/chat/printer.ts";
import type { Letter, Wire } from "../../../web/chat/wire.ts";
import { eventually } from "../cloud/support.ts";

/** A talk in a terminal with an agent whose letters the test writes. */
function terminal(send: Wire["send"] = async () => {}) {
  const letters: Letter[] = [];
  const sent: string[] = [];
  const presses: (string | undefined)[] = [];
  const ids: string[] = [];
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = "";
  output.setEncoding("utf8").on("data", (text: string) => (shown += text));
  const wire: Wire = {
    async send(id, text, pressed) {
      await send(id, text);
      presses.push(pressed);
      ids.push(id);
      sent.push(text);
    },
    lettersAfter: async (version) => letters.filter((letter) => letter.version >= version),
  };
  const talk = new Talk({ wire, input, output, notices: output, isInteractive: true });
  let version = Date.now();
  return {
    input,
    sent,
    presses,
    shown: () => stripVTControlCharacters(shown).replaceAll("\r", ""),
    ended: talk.run(),
    write: (id: string, text: string, final: boolean, more: Partial<Letter> = {}) =>
      letters.splice(0, letters.length, {
        id,
        text,
        final,
        version: (version += 1),
        replyTo: ids.at(-1) ?? "",
        ...more,
      }),
  };
}

const controlC = "\u0003";

describe("the chat in a terminal", () => {
  it("prompts, shows a reply while it grows, and prompts again", async () => {
    const { input, sent, shown, ended, write } = terminal();
    input.write("hello\r");
    await eventually("sent", () => sent.length === 1);
    for (const text of ["One", "One two", "One two three"]) {
      write("r", text, false);
      await eventually(text, () => shown().endsWith(text));
    }
    write("r", "One two three.", true);
    await eventually("a new prompt", () => shown().endsWith("› "));
    expect(shown()).toBe("\n› hello\nOne two three.\n\n› ");
    input.write("/exit\r");
    await ended;
    expect(sent).toEqual(["hello"]);
  });

  it("lists the answers to a question, and takes a number, a label or other words", async () => {
    const { input, sent, presses, shown, ended, write } = terminal();
    const buttonsOf = (question: number) => [
      { payload: `q${question}:yes`, label: "Allow once" },
      { payload: `q${question}:no`, label: "Deny" },
    ];
    const answers = ["2", "allow ONCE", "neither"];
    for (const [index, answer] of answers.entries()) {
      input.write("do it\r");
      await eventually("sent", () => sent.length === 2 * index + 1);
      write(`q${index}`, "May I?", true, { buttons: buttonsOf(index) });
      await eventually("the answers", () => shown().endsWith("May I?\n  1. Allow once\n  2. Deny\n\n› "));
      input.write(`${answer}\r`);
      await eventually("answered", () => sent.length === 2 * index + 2);
      write(`r${index}`, `Done ${index}.`, true);
      await eventually("the reply", () => shown().endsWith(`Done ${index}.\n\n› `));
    }
    input.write("/exit\r");
    await ended;
    expect(sent.filter((text) => text !== "do it")).toEqual(["Deny", "Allow once", "neither"]);
    expect(presses.filter((_, index) => index % 2 === 1)).toEqual(["q0:no", "q1:yes", undefined]);
  });

  it("asks the agent to stop at Ctrl-C, and ends at Ctrl-C when nothing is awaited", async () => {
    const { input, sent, shown, ended, write } = terminal();
    input.write("count forever\r");
    await eventually("sent", () => sent.length === 1);
    input.write(controlC);
    await eventually("stop is sent", () => sent.at(-1) === "/stop");
    write("r", "Stopped.", true);
    await eventually("a new prompt", () => shown().endsWith("Stopped.\n\n› "));
    input.write(controlC);
    await ended;
    expect(sent).toEqual(["count forever", "/stop"]);
  });

  it("sends what is written while a reply is awaited, and leaves at once at /exit", async () => {
    const { input, sent, ended } = terminal();
    input.write("one\rtwo\r");
    await eventually("both are sent", () => sent.length === 2);
    input.write("/exit\r");
    await ended;
    expect(sent).toEqual(["one", "two"]);
  });

  it("says why a message was refused, and goes on", async () => {
    const { input, sent, shown, ended } = terminal(() => Promise.reject(refused("The text is too long.")));
    input.write("hello\r");
    await eventually("the reason", () => shown().includes("was not accepted. The text is too long.\n\n› "));
    input.end();
    await ended;
    expect(sent).toEqual([]);
  });
});

describe("printing a reply", () => {
  it("lists the buttons of a question once, and lets none of them steer the terminal", () => {
    let shown = "";
    const printer = new ReplyPrinter((text) => (shown += text), false);
    const ask = (id: string, text: string, label: string) =>
      printer.show([{ by: "agent", id, text, final: true, version: 1, buttons: [{ payload: id, label }] }]);
    ask("a", "Which?\n\n1. Rome", "Rome");
    ask("b", "Which?", "Ro\u001b[2Jme");
    expect(shown).toBe("Which?\n\n1. Rome\nWhich?\n  1. Ro[2Jme\n");
  });

  it("continues it, and begins anew below when it was replaced", () => {
    let shown = "";
    const printer = new ReplyPrinter((text) => (shown += text), true);
    const show = (text: string, final = false) => printer.show([{ by: "agent", id: "r", text, final, version: 1 }]);
    show("Let me look");
    show("Let me look around.");
    show("There are", false);
    show("There are 3 files.", true);
    show("There are 3 files.", true);
    expect(shown).toBe("Let me look around.\n\nThere are 3 files.\n");
  });
});
