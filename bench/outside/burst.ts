import { setTimeout as sleep } from "node:timers/promises";
import type { ScriptedModel } from "./model.ts";
import type { Burst, BurstResult } from "./outside.ts";
import type { Posted, Say } from "./people.ts";
import { numbersIn, scriptText } from "./script.ts";
import type { ReceivingTelegram } from "./telegram.ts";
import { countAnswers, countDisorder, countOverlaps } from "./verdict.ts";

/** Without a reply for this long, what is missing counts as lost. */
const patienceMs = 60_000;
/** A third of the conversations says everything at the same moment, a third this far apart. */
const apartMs = 3;

interface Parts {
  say: Say;
  model: ScriptedModel;
  telegram: ReceivingTelegram;
}

/** Every conversation says its messages without waiting for an answer; each turn has a tool call in it. */
export async function runBurst(burst: Burst, { say, model, telegram }: Parts): Promise<BurstResult> {
  const { conversations, messages, firstPerson, thinkingMs, url } = burst;
  const people = Array.from({ length: conversations }, (_, index) => firstPerson + index);
  const sayOne = (person: number, number: number) =>
    say(url, person, scriptText(person, number, { steps: 2, tool: "todo" }));

  model.reset(thinkingMs);
  const collected = collectReplies(people, telegram);
  const startedAtMs = performance.now();
  const posted = new Map(
    await Promise.all(people.map(async (person) => [person, await sayAll(person, messages, sayOne)] as const)),
  );
  const { replies, lastAtMs } = await collected.until(conversations * messages);
  const asked = Map.groupBy(model.calls, ({ person }) => person);
  const shown = new Map([...asked].map(([person, calls]) => [person, calls.map(({ numbers }) => numbers)]));
  const sentOf = (person: number, number: number) => posted.get(person)?.[number - 1];
  const answeredOrder = countDisorder(replies, sentOf);
  const shownOrder = countDisorder(shown, sentOf);
  return {
    ...countAnswers(replies, messages),
    disordered: answeredOrder.disordered + shownOrder.disordered,
    inFlight: answeredOrder.inFlight + shownOrder.inFlight,
    overlapping: countOverlaps(model.calls),
    redelivered: [...posted.values()].flat().filter(({ redeliveries }) => redeliveries > 0).length,
    replies: [...replies.values()].flat().length,
    modelCalls: model.calls.length,
    durationMs: lastAtMs - startedAtMs,
  };
}

type SayOne = (person: number, number: number) => Promise<Posted>;

/** The last third says the next thing as soon as the one before is accepted: there the order is owed. */
async function sayAll(person: number, messages: number, sayOne: SayOne): Promise<Posted[]> {
  const numbers = Array.from({ length: messages }, (_, index) => index + 1);
  if (person % 3 === 2) {
    const posted: Posted[] = [];
    for (const number of numbers) posted.push(await sayOne(person, number));
    return posted;
  }
  const waitMs = person % 3 === 1 ? apartMs : 0;
  return Promise.all(
    numbers.map(async (number, index) => {
      if (waitMs > 0) await sleep(index * waitMs);
      return sayOne(person, number);
    }),
  );
}

/** Notes which messages each reply answers, from now on. */
function collectReplies(people: readonly number[], telegram: ReceivingTelegram) {
  const replies = new Map<number, number[][]>(people.map((person) => [person, []]));
  let answers = 0;
  let lastAtMs = performance.now();
  const stop = telegram.onMessage((person, { text, atMs }) => {
    const numbers = numbersIn(text);
    replies.get(person)?.push(numbers);
    answers += numbers.length;
    lastAtMs = atMs;
  });
  const isOver = (wanted: number) => answers >= wanted || performance.now() - lastAtMs > patienceMs;

  return {
    async until(wanted: number) {
      while (!isOver(wanted)) await sleep(10);
      stop();
      return { replies, lastAtMs };
    },
  };
}
