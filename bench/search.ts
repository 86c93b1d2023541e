import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSessionSearch } from "../core/search/find.ts";
import type { IndexedMessage } from "../core/search/messages.ts";
import { messageId } from "../core/search/search.ts";
import { openShelf } from "../core/search/shelf.ts";
import { openSegments, type SegmentBlobs } from "../core/search/store.ts";
import { openBlobs } from "../core/store/blobs.ts";
import { dynamoDbSdk } from "../core/store/dynamodb-sdk.ts";
import { openTable } from "../core/store/table.ts";
import { startCloud } from "../local/cloud/index.ts";
import { manifest, resourceEnvironment } from "../stacks/manifest.ts";
import type { Benchmark } from "./benchmark.ts";
import { corpora, type Corpus } from "./search-corpora.ts";
import { median, percentile, sum } from "./statistics.ts";
import { formatTable, inBytes, inKb, inMb, inMs, type Row } from "./table.ts";

const defaultSessions = 10_000;
const months = 12;
const turnsPerSession = 4;
/** Sessions that are indexed together while the index is made; afterwards turns are added one by one. */
const batch = 5;
const addedTurns = 50;
const asksPerQuery = 20;
const roles = ["user", "assistant"] as const;

export const search: Benchmark = {
  about: `session search of one person, in words and in Chinese; SIZE is the sessions, ${defaultSessions} unless given`,

  async run(print, size = defaultSessions) {
    await using resources = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), "talaria-bench-search-"));
    resources.defer(() => rmSync(folder, { recursive: true, force: true }));
    const cloud = await startCloud({ manifest, dataFolder: folder, mode: "in-process", port: 0, environment: {} });
    resources.defer(() => cloud.close());
    Object.assign(process.env, cloud.awsEnvironment);
    let isRight = true;
    for (const corpus of corpora) {
      const machines = machinesOf(corpus, join(folder, corpus.name), cloud.awsEnvironment);
      isRight = (await measure(corpus, machines, size, print)) && isRight;
    }
    return isRight;
  },
};

async function measure(
  corpus: Corpus,
  { machine, traffic }: ReturnType<typeof machinesOf>,
  size: number,
  print: (text: string) => void,
): Promise<boolean> {
  const messages = size * turnsPerSession * 2;
  const builder = machine("builder");
  const buildMs = await timed(() => build(corpus, builder, size));
  const heldBytes = sum([...traffic.held.values()]);
  print(
    formatTable(`an index of ${size} ${corpus.name} sessions in ${months} months`, [
      { what: "messages", measured: String(messages) },
      { what: "built in", measured: `${(buildMs / 1000).toFixed(1)} s` },
      { what: "segments", measured: String(traffic.held.size) },
      { what: "bytes in S3", measured: inMb(heldBytes) },
      { what: "a message in S3", measured: inBytes(heldBytes / messages) },
    ]),
  );
  print(formatTable(`one turn more, median of ${addedTurns}`, await addTurns(corpus, builder, traffic, size)));
  builder.close();

  const reader = machine("reader");
  const since = process.cpuUsage();
  const coldMs = await timed(() => reader.ask("needle7"));
  print(
    formatTable("the first query of a new machine", [
      { what: "all segments fetched, opened and searched", measured: inMs(coldMs) },
      { what: "our CPU, the local S3 included", measured: inMs(cpuMs(since)) },
      { what: "bytes on its disk", measured: inMb(reader.diskBytes()) },
      { what: "a message on its disk", measured: inBytes(reader.diskBytes() / messages) },
    ]),
  );
  const { rows, isRight } = await askAll(corpus, reader, size);
  print(
    formatTable(`warm, the sessions and what is around the best hit, p50 and p95 of ${asksPerQuery} (our CPU)`, rows),
  );
  reader.close();
  return isRight;
}

type Machine = ReturnType<ReturnType<typeof machinesOf>["machine"]>;

interface Traffic {
  /** Sizes of the objects that are there, by key. */
  held: Map<string, number>;
  written: number;
}

function machinesOf({ owner }: Corpus, folder: string, environment: Readonly<Record<string, string>>) {
  const table = openTable(String(environment[resourceEnvironment.table]), dynamoDbSdk());
  const real = openBlobs(String(environment[resourceEnvironment.bucket]));
  const traffic: Traffic = { held: new Map(), written: 0 };
  const blobs: SegmentBlobs = {
    get: real.get,
    async put(key, body) {
      await real.put(key, body);
      traffic.held.set(key, body.length);
      traffic.written += body.length;
    },
    remove: async (key) => void traffic.held.delete(key),
  };
  const machine = (name: string) => {
    const disk = join(folder, name);
    const shelf = openShelf({ blobs, folder: disk, maxBytes: 1_000_000_000 });
    const segments = () => openSegments({ table, blobs, shelf, profile: "main", owner });
    return {
      segments,
      /** What session_search asks for a query. */
      async ask(words: string): Promise<number> {
        const search = openSessionSearch({ segments: segments(), except: ["ses_now"] });
        const { hits } = await search.find({ words, roles: [...roles], limit: 3 });
        const [best] = hits;
        if (best)
          await Promise.all([
            search.around(best.anchor.id, { window: 5, roles }),
            search.read(best.summary.session, { ends: 3, roles }),
          ]);
        return hits.length;
      },
      diskBytes: () => sum(readdirSync(disk).map((file) => statSync(join(disk, file)).size)),
      close: () => shelf.close(),
    };
  };
  return { machine, traffic };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

const sessionOf = (number: number) => `ses_${String(number).padStart(26, "0")}`;

function turnOf({ text }: Corpus, session: string, turn: number, at: number, extra: string): IndexedMessage[] {
  return (["user", "assistant"] as const).map((role) => {
    const place = { session, turn, step: 0, role };
    return { ...place, id: messageId(place), at, text: role === "user" ? `${extra} ${text()}` : text() };
  });
}

async function build(corpus: Corpus, machine: Machine, size: number): Promise<void> {
  for (let first = 0; first < size; first += batch) {
    const month = Math.floor((first / size) * months);
    const at = Date.UTC(2026, month, 2) + first;
    const numbers = Array.from({ length: Math.min(batch, size - first) }, (_, n) => first + n);
    await machine.segments().add(`2026-${String(month + 1).padStart(2, "0")}`, {
      sessions: numbers.map((n) => ({ session: sessionOf(n), title: `session ${n}`, titleTurn: 1, startedAt: at })),
      messages: numbers.flatMap((n) =>
        Array.from({ length: turnsPerSession }, (_, turn) =>
          turnOf(corpus, sessionOf(n), turn + 1, at, turn === 0 ? corpus.extra(n) : ""),
        ).flat(),
      ),
    });
  }
}

async function addTurns(corpus: Corpus, machine: Machine, traffic: Traffic, size: number): Promise<Row[]> {
  const times: number[] = [];
  const bytes: number[] = [];
  const at = Date.UTC(2026, months - 1, 20);
  for (let turn = 1; turn <= addedTurns; turn += 1) {
    const session = sessionOf(size + 1);
    const before = traffic.written;
    const messages = turnOf(corpus, session, turn, at, "");
    const sessions = [{ session, title: "added", titleTurn: turn, startedAt: at }];
    times.push(await timed(() => machine.segments().add(`2026-${months}`, { sessions, messages })));
    bytes.push(traffic.written - before);
  }
  return [
    { what: "time", measured: inMs(median(times)) },
    { what: "time, the slowest", measured: inMs(Math.max(...times)) },
    { what: "bytes written", measured: inKb(median(bytes)) },
    { what: "bytes written, the most", measured: inKb(Math.max(...bytes)) },
  ];
}

/** Every query has something to find, except in an index too small for it. */
async function askAll({ queries }: Corpus, machine: Machine, size: number): Promise<{ rows: Row[]; isRight: boolean }> {
  const rows: Row[] = [];
  let isRight = true;
  for (const [what, query] of Object.entries(queries)) {
    const times: number[] = [];
    const since = process.cpuUsage();
    for (let ask = 0; ask < asksPerQuery; ask += 1)
      times.push(
        await timed(async () => {
          const hits = await machine.ask(query);
          if (size >= defaultSessions && hits === 0) isRight = false;
        }),
      );
    const measured = `${inMs(median(times))}, ${inMs(percentile(times, 0.95))} (${inMs(cpuMs(since) / asksPerQuery)})`;
    rows.push({ what, measured, reach: "under 200 ms" });
  }
  return { rows, isRight };
}
