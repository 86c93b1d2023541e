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
  const ids: string[] = [];
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = "";
  output.setEncoding("utf8").on("data", (text: string) => (shown += text));
  const wire: Wire = {
    async send(id, text) {
      await send(id, text);
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
    shown: () => stripVTControlCharacters(shown).replaceAll("\r", ""),
    ended: talk.run(),
    write: (id: string, text: string, final: boolean) =>
      letters.splice(0, letters.length, { id, text, final, version: (version += 1), replyTo: ids.at(-1) ?? "" }),
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
