/** The process of the outside; the benchmark's process forks it and asks over IPC (see ../outside.ts). */
import { startScriptedModel } from "./model.ts";
import type { Flood, FloodResult, Outside, Question, Trace } from "./outside.ts";
import { runBurst } from "./burst.ts";
import { makePostOffice } from "./people.ts";
import { scriptText } from "./script.ts";
import { startReceivingTelegram } from "./telegram.ts";
import { serveParent } from "./wire.ts";

const [model, telegram] = await Promise.all([startScriptedModel(), startReceivingTelegram()]);
const say = makePostOffice();

async function converse({ url, person, ...script }: Question): Promise<Trace> {
  model.reset(0);
  const reply = telegram.next(person);
  const { postedAtMs, acceptedAtMs } = await say(url, person, scriptText(person, 1, script));
  const { atMs } = await reply;
  const modelCalls = model.calls.filter((call) => call.person === person).map(({ span }) => span);
  return { postedAtMs, acceptedAtMs, modelCalls, deliveredAtMs: atMs };
}

async function flood({ url, conversations, turns, firstPerson }: Flood): Promise<FloodResult> {
  model.reset(0);
  let begun = 0;
  const talk = async (person: number): Promise<void> => {
    while (begun < turns) {
      begun += 1;
      const reply = telegram.next(person);
      await say(url, person, scriptText(person, begun, { steps: 1, tool: "todo" }));
      await reply;
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: conversations }, (_, index) => talk(firstPerson + index)));
  return { turns, durationMs: performance.now() - startedAtMs };
}

const outside: Outside = {
  addresses: async () => ({ model: model.openaiUrl, telegram: telegram.url }),
  converse,
  flood,
  burst: (burst) => runBurst(burst, { say, model, telegram }),
  promptLengths: async () => model.promptLengths(),
};
serveParent(outside);
