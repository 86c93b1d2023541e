import type { Benchmark } from "./benchmark.ts";
import { backends, type BenchBackend } from "./shell/backends.ts";
import { type Flood, flood } from "./shell/flood.ts";
import { type CommandTimes, commandTimes, type SleepTimes, sleepTimes, spawnMs } from "./shell/measure.ts";
import { formatTable, inMs, type Row } from "./table.ts";

const defaultTimes = 30;

interface Measured {
  name: string;
  command: CommandTimes;
  sleep: SleepTimes | undefined;
  flood: Flood | undefined;
}

export const shell: Benchmark = {
  about: `what a command costs on each shell, sleeping with 200 MB, and 10 GB of output; SIZE is the commands, ${defaultTimes} unless given`,

  async run(print, size = defaultTimes) {
    const peerMs = await spawnMs(size);
    const measured: Measured[] = [];
    for (const one of backends) {
      const result = await measure(one, size);
      if (typeof result === "string") print(`\n${one.name}: not measured, since ${result}`);
      else measured.push(result);
    }
    const peer = { what: "bash -c, spawned without us", measured: inMs(peerMs) };
    const rows = (figure: keyof CommandTimes): Row[] =>
      measured.map(({ name, command }) => ({ what: name, measured: inMs(command[figure]) }));
    print(
      formatTable(`one command (true) in a workspace that is awake, median of ${size}`, [peer, ...rows("commandMs")]),
    );
    print(formatTable(`the same in a session, median of ${size}`, rows("sessionMs")));
    print(formatTable(`acquire of a workspace that is awake, median of ${size}`, rows("acquireMs")));
    print(formatTable("cold: the first workspace of this process, with its first command", rows("coldMs")));
    print(formatTable("a further new workspace, with its first command", rows("newMs")));
    print(formatTable("hibernate and restore, 200 files of 1 MB of noise", measured.flatMap(sleepRows)));
    print(
      formatTable(
        "10 GB of output",
        measured.flatMap((one) => one.flood?.rows ?? []),
      ),
    );
    return measured.every(({ sleep, flood }) => (sleep?.isWhole ?? true) && (flood?.isRight ?? true));
  },
};

async function measure({ name, open, isFlooded = false }: BenchBackend, size: number): Promise<Measured | string> {
  const opened = await open();
  if (typeof opened === "string") return opened;
  const { backend, close } = opened;
  try {
    return {
      name,
      command: await commandTimes(backend, size),
      sleep: await sleepTimes(backend),
      flood: isFlooded ? await flood(name, backend) : undefined,
    };
  } finally {
    await close();
  }
}

function sleepRows({ name, sleep }: Measured): Row[] {
  if (sleep === undefined) return [{ what: name, measured: "nothing to do" }];
  const whole = sleep.isWhole ? "all files whole" : "FILES DIFFER";
  return [
    { what: `${name}: hibernate`, measured: inMs(sleep.hibernateMs) },
    { what: `${name}: acquire and a command`, measured: inMs(sleep.restoreMs), reach: whole },
  ];
}
