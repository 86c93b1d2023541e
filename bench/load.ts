import { startBed, type Bed } from "./bed.ts";
import type { Benchmark } from "./benchmark.ts";
import { liveHeap, watchMemory } from "./memory.ts";
import type { BurstResult } from "./outside/outside.ts";
import { formatTable, inMb, type Row } from "./table.ts";

const defaultConversations = 300;
const messages = 5;
const thinkingMs = 20;
const waves = 2;

export interface LoadWave extends BurstResult {
  peakBytes: number;
  restBytes: number;
  liveBytes: number;
}

/** All conversations say everything at once, and the memory is watched meanwhile. */
export async function runWave(bed: Bed, conversations: number): Promise<LoadWave> {
  const memory = watchMemory();
  const firstPerson = bed.newPerson();
  try {
    const result = await bed.outside.burst({ url: bed.cloud.url, conversations, messages, firstPerson, thinkingMs });
    await bed.rest();
    const liveBytes = liveHeap();
    return { ...result, peakBytes: memory.peak(), restBytes: process.memoryUsage.rss(), liveBytes };
  } finally {
    memory.stop();
  }
}

export const isRight = ({ lost, doubled, disordered, overlapping }: BurstResult): boolean =>
  lost + doubled + disordered + overlapping === 0;

export const load: Benchmark = {
  about: `conversations at once, ${messages} messages each in bursts, twice; SIZE is how many, ${defaultConversations} unless given`,

  async run(print, size = defaultConversations) {
    const bed = await startBed();
    try {
      const startBytes = process.memoryUsage.rss();
      let isAllRight = true;
      for (let wave = 1; wave <= waves; wave += 1) {
        const result = await runWave(bed, size);
        print(
          formatTable(`${size} conversations at once, ${messages} messages each, wave ${wave}`, rows(result, size)),
        );
        isAllRight &&= isRight(result);
      }
      print(`\n  resident before the first wave: ${inMb(startBytes)}`);
      return isAllRight;
    } finally {
      await bed.close();
    }
  },
};

function rows(wave: LoadWave, conversations: number): Row[] {
  const seconds = wave.durationMs / 1000;
  const count = (what: string, value: number, reach = "0"): Row => ({ what, measured: String(value), reach });
  return [
    count("messages answered", wave.answered, String(conversations * messages)),
    count("lost", wave.lost),
    count("doubled", wave.doubled),
    count("out of order", wave.disordered),
    { what: "overtaken by one that was in flight too", measured: String(wave.inFlight) },
    count("two turns of one conversation at once", wave.overlapping),
    { what: "webhooks that were delivered again", measured: String(wave.redelivered) },
    { what: "turns", measured: String(wave.replies) },
    { what: "model requests", measured: String(wave.modelCalls) },
    { what: "duration", measured: `${seconds.toFixed(1)} s` },
    { what: "turns per second", measured: (wave.replies / seconds).toFixed(1) },
    { what: "resident memory, peak", measured: inMb(wave.peakBytes), reach: "flat" },
    { what: "resident memory, at rest", measured: inMb(wave.restBytes), reach: "flat" },
    { what: "live objects, at rest", measured: inMb(wave.liveBytes), reach: "flat" },
  ];
}
