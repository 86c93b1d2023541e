import { describe, expect, it } from "vitest";
import { commandOf, isPlainStop } from "../../../core/gateway/commands.ts";

describe("commandOf", () => {
  it.each([
    ["/help", "help"],
    ["/start", "help"],
    ["/NEW please", "new"],
    ["/reset@talaria_bot", "new"],
    ["  /status", "status"],
    ["/allowed forget 2", "allowed"],
    ["/permissions", "allowed"],
  ])("reads %j as %s", (text, command) => expect(commandOf(text)).toBe(command));

  it.each(["help", "/unknown", "/helper", "say /help", "/ help", "/etc/hosts", "/constructor"])(
    "leaves %j to the model",
    (text) => expect(commandOf(text)).toBeUndefined(),
  );
});

describe("isPlainStop", () => {
  it.each([
    "stop",
    "Stop!",
    "STOP.",
    "please stop",
    "stop it now",
    "cancel that",
    "Never mind…",
    "nevermind",
    "abort",
    "hör auf",
    "para!",
  ])("takes %j as a stop", (text) => expect(isPlainStop(text)).toBe(true));

  it.each([
    "stop the server on port 80",
    "how do I stop a process?",
    "don't stop",
    "stopwatch",
    "cancel my 3 pm meeting",
    "halting problem",
  ])("takes %j as a sentence", (text) => expect(isPlainStop(text)).toBe(false));
});
