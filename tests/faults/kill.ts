import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startModelServer } from "../fakes/model-server.ts";
import { startFakeTelegram, telegramToken } from "../fakes/platform-telegram.ts";
import { sayTo, telegramWebhookSecret, until } from "../support/agent.ts";
import { outwardRuns, repliesTo } from "./check.ts";
import { kill, start } from "./process.ts";
import { makeScenario, type Scenario } from "./scenario.ts";

export interface KillReport {
  kills: number;
  lost: number;
  doubled: number;
  broken: string[];
  slowestMs: number;
}

/** Kills the real process at a random moment of a turn, starts it again, and waits for the answers; `runs` times. */
export async function killAtRandom(runs: number, progress: (line: string) => void): Promise<KillReport> {
  const dataFolder = mkdtempSync(join(tmpdir(), "talaria-kill-"));
  const scenarios = new Map<number, Scenario>();
  const model = await startModelServer((request) => {
    const person = Number(/first of (\d+)/.exec(JSON.stringify(request.messages))?.[1]);
    return scenarios.get(person)?.brain(request) ?? { text: "Who are you?" };
  });
  const telegram = await startFakeTelegram();
  const environment = {
    PATH: process.env["PATH"],
    PORT: "0",
    TALARIA_DATA: dataFolder,
    OPENAI_BASE_URL: model.openaiUrl,
    TALARIA_MODEL: "openai/scripted",
    TALARIA_ALLOWED_USERS: "*",
    TALARIA_PUBLIC_URL: "https://talaria.example",
    TELEGRAM_BOT_TOKEN: telegramToken,
    TELEGRAM_WEBHOOK_SECRET: telegramWebhookSecret,
    TELEGRAM_API_ROOT: telegram.url,
  };
  let running = await start(environment);
  const say = sayTo(() => running.url);
  const report: KillReport = { kills: 0, lost: 0, doubled: 0, broken: [], slowestMs: 0 };

  async function killOnce(person: number, afterMs: number) {
    const scenario = makeScenario(person, say);
    scenarios.set(person, scenario);
    const begun = scenario.begin();
    await sleep(afterMs);
    await kill(running);
    const killedAt = performance.now();
    running = await start(environment);
    await begun;
    const isAnswered = () => repliesTo(telegram, scenario).lost.length === 0;
    await until("the answers", isAnswered, { withinMs: 30_000 }).catch(() => undefined);
    const { lost, doubled } = repliesTo(telegram, scenario);
    const ms = performance.now() - killedAt;
    report.kills += 1;
    report.lost += lost.length;
    report.slowestMs = Math.max(report.slowestMs, ms);
    progress(
      `killed after ${afterMs} ms: answered ${Math.round(ms)} ms later, ${lost.length} lost, ${doubled.length} doubled`,
    );
  }

  /** What comes twice may come late, so it is counted when all runs are over. */
  function countDoubled() {
    for (const scenario of scenarios.values()) {
      report.doubled += repliesTo(telegram, scenario).doubled.length;
      if (outwardRuns(dataFolder, scenario.person) > 1)
        report.broken.push(`The outward command of ${scenario.person} ran twice.`);
    }
  }

  try {
    for (let run = 0; run < runs; run += 1) await killOnce(20_001 + run, Math.round(Math.random() * 600));
    countDoubled();
    return report;
  } finally {
    await kill(running);
    await Promise.all([model.close(), telegram.close()]);
    rmSync(dataFolder, { recursive: true, force: true });
  }
}
