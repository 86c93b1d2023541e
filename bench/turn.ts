import { startAwsMeter } from "./aws-meter.ts";
import { startBed } from "./bed.ts";
import type { Benchmark } from "./benchmark.ts";
import { formatTable } from "./table.ts";
import { historyRows } from "./turn/history.ts";
import { measureTurns } from "./turn/probe.ts";
import { shapeRows } from "./turn/shape.ts";
import { throughputRows } from "./turn/throughput.ts";
import { timeRows } from "./turn/time.ts";

const defaultTurns = 200;
/** Code that has not run often is slow: these turns are not measured. */
const warmUpTurns = 30;

export const turn: Benchmark = {
  about: `where the time of a turn goes; SIZE is the number of turns of one step, ${defaultTurns} unless given`,

  async run(print, size = defaultTurns) {
    const bed = await startBed();
    const meter = startAwsMeter();
    try {
      const warmUp = { person: bed.newPerson(), steps: 2, tool: "todo", times: Math.min(warmUpTurns, size) };
      await measureTurns(bed, meter, warmUp);
      const few = Math.ceil(size / 10);
      print(formatTable("time, one turn at a time, instant model", await timeRows(bed, meter, size)));
      print(formatTable("a session with 10 → 500 earlier steps", await historyRows(bed, meter, few)));
      print(formatTable("shape of a turn", await shapeRows(bed, meter)));
      meter.stop();
      print(formatTable(`turns per second, ${size} turns of one step each time`, await throughputRows(bed, size)));
      return true;
    } finally {
      meter.stop();
      await bed.close();
    }
  },
};
