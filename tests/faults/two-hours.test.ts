import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bubblewrapHere } from "../core/shells/runners.ts";
import { startModelServer } from "../fakes/model-server.ts";
import { startFakeTelegram, telegramToken } from "../fakes/platform-telegram.ts";
import { sayTo, telegramWebhookSecret, until } from "../support/agent.ts";
import { kill, start, type Running } from "./process.ts";

const hourMs = 3_600_000;
const shift = fileURLToPath(new URL("./time-shift.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "talaria-hours-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = "until [ -e go ]; do sleep 0.1; done; echo runs >> runs.log; echo built";

/** Runs the command for one person; everybody else gets a short answer. */
const model = await startModelServer(({ messages }) => {
  const last = messages.at(-1);
  if (last?.role === "tool") return { text: `Done: ${last.content}` };
  if (last?.role === "user" && last.text === "build") {
    return { toolCalls: [{ name: "terminal", arguments: { command, timeout: 10_800 } }] };
  }
  return { text: "Hello, I am free." };
});
const telegram = await startFakeTelegram();
afterAll(() => Promise.all([model.close(), telegram.close()]));

let running: Running | undefined;
afterAll(() => stop());
const say = sayTo(() => running?.url ?? "");
const stop = async () => {
  if (running) await kill(running);
  running = undefined;
};
const startAfter = async (ms: number) => {
  running = await start(
    {
      PATH: process.env["PATH"],
      PORT: "0",
      TALARIA_DATA: folder,
      TALARIA_TIME_SHIFT_MS: String(ms),
      TALARIA_INLINE_SECONDS: "0.3",
      OPENAI_BASE_URL: model.openaiUrl,
      TALARIA_MODEL: "openai/scripted",
      TALARIA_ALLOWED_USERS: "*",
      TALARIA_PUBLIC_URL: "https://talaria.example",
      TELEGRAM_BOT_TOKEN: telegramToken,
      TELEGRAM_WEBHOOK_SECRET: telegramWebhookSecret,
      TELEGRAM_API_ROOT: telegram.url,
    },
    ["--import", shift],
  );
};

const textsTo = (chat: string) => telegram.messages.filter((sent) => sent.chat === chat).map(({ text }) => text);
const log = () => {
  const file = join(folder, "talaria.log");
  // What follows the last line end is a line that is just being written.
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};
/** What the embedded Step Functions has written down of running executions; they may end while this looks. */
function journal(): string {
  const running = join(folder, "step-functions", "running");
  const textOf = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  return readdirSync(running)
    .map((name) => textOf(join(running, name)))
    .join("");
}
/** The ledger's line of the turn that ran the command. */
const delivered = () => log().find(({ event, waitedMs }) => event === "turn.delivered" && Number(waitedMs) > 0);
const workspace = () => {
  const names = readdirSync(join(folder, "workspaces")).filter((name) => name.includes("telegram-42"));
  return join(folder, "workspaces", names[0] ?? "");
};

describe.skipIf(!(await bubblewrapHere()))("a command of two hours", () => {
  it("is billed nothing while it runs, and its result comes once after two kill -9", async () => {
    await startAfter(0);
    await say("build", { from: 42 });
    await until("the turn to wait", () => log().some(({ event }) => event === "turn.waits"), { withinMs: 30_000 });
    // Killed before the machine has written down that it waits, it would look once more, which is no loss but no wait either.
    await until("the machine to wait", () => journal().includes('"Wait"'), { withinMs: 30_000 });
    await stop();
    await startAfter(hourMs);
    const invocationsBefore = log().length;
    await say("are you there?", { from: 43 });
    await until("an answer in another conversation", () => textsTo("43").length === 1, { withinMs: 30_000 });
    expect(textsTo("42").join()).not.toContain("Done");
    expect(
      log()
        .slice(invocationsBefore)
        .map(({ session }) => session),
    ).not.toContain(log()[0]?.["session"]);
    await stop();
    await startAfter(2 * hourMs);
    writeFileSync(join(workspace(), "go"), "");
    await until("the result", () => textsTo("42").some((text) => text.includes("built")), { withinMs: 60_000 });
    await until("the end of the turn", () => delivered(), { withinMs: 30_000 });
    await stop();
    expect(textsTo("42").filter((text) => text.includes("built"))).toHaveLength(1);
    expect(readFileSync(join(workspace(), "runs.log"), "utf8")).toBe("runs\n");
    const ledger = delivered();
    expect(Number(ledger?.["waitedMs"])).toBeGreaterThan(2 * hourMs - 60_000);
    expect(Number(ledger?.["activeMs"])).toBeLessThan(60_000);
  }, 180_000);
});
