import type { Bed } from "../bed.ts";
import type { Row } from "../table.ts";

const conversations = [1, 8, 32];

/** Turns of one step per second, with the last of their bookkeeping, and the processor time that each takes of ours. */
export async function throughputRows(bed: Bed, turns: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of conversations) {
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    await bed.outside.flood({ url: bed.cloud.url, conversations: count, turns, firstPerson: bed.newPerson() });
    await bed.rest();
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const cpuMs = (user + system) / 1000 / turns;
    rows.push({
      what: `turns per second, ${count} at once (our CPU per turn)`,
      measured: `${(turns / seconds).toFixed(1)} (${cpuMs.toFixed(1)} ms)`,
      reach: "above 20",
    });
  }
  return rows;
}
