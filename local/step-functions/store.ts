/**
 * Machines, and one compact row per execution, in SQLite: memory stays flat however many executions there have been,
 * and lists are paged by the database. What an execution is doing is in its journal, never here.
 */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import * as z from "zod";
import type { Ending, StartRecord } from "./execution.ts";
import type { WatchWrite } from "./journal.ts";

export interface MachineRow {
  arn: string;
  name: string;
  roleArn: string;
  type: string;
  definition: string;
  createdAtMs: number;
  updatedAtMs: number;
}

const executionRow = z.object({
  arn: z.string(),
  machineArn: z.string(),
  name: z.string(),
  status: z.enum(["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]),
  input: z.string(),
  output: z.string().nullable(),
  error: z.string().nullable(),
  cause: z.string().nullable(),
  startedAtMs: z.number(),
  stoppedAtMs: z.number().nullable(),
});
export type ExecutionRow = z.infer<typeof executionRow>;

const machineRow = z.object({
  arn: z.string(),
  name: z.string(),
  roleArn: z.string(),
  type: z.string(),
  definition: z.string(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});

export interface ListQuery {
  machineArn: string;
  status?: string | undefined;
  limit: number;
  /** The last row of the page before. */
  after?: { startedAtMs: number; arn: string } | undefined;
}

export interface Store {
  putMachine(machine: MachineRow): void;
  machine(arn: string): MachineRow | undefined;
  /** Machines with a name above `after`, by name. */
  machines(after: string, limit: number): MachineRow[];
  deleteMachine(arn: string): void;
  /** Adds a running execution; changes nothing when there is one of this ARN. */
  addExecution(start: StartRecord): void;
  endExecution(arn: string, ending: Ending): void;
  /** Forgets rows that say RUNNING where nothing runs: a power cut lost the journal, and nobody was promised a start. */
  keepRunning(isRunning: (arn: string) => boolean): void;
  execution(arn: string): ExecutionRow | undefined;
  /** The latest first. */
  executions(query: ListQuery): ExecutionRow[];
  /** Puts everything written so far on the disk. */
  checkpoint(): void;
  close(): void;
}

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS machines (
    arn TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, roleArn TEXT NOT NULL, type TEXT NOT NULL,
    definition TEXT NOT NULL, createdAtMs INTEGER NOT NULL, updatedAtMs INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS executions (
    arn TEXT PRIMARY KEY, machineArn TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, input TEXT NOT NULL,
    output TEXT, error TEXT, cause TEXT, startedAtMs INTEGER NOT NULL, stoppedAtMs INTEGER) STRICT;
  CREATE INDEX IF NOT EXISTS executionsByStart ON executions (machineArn, startedAtMs DESC, arn DESC);
  CREATE INDEX IF NOT EXISTS executionsRunning ON executions (arn) WHERE status = 'RUNNING';
`;

export function openStore(file: string, watchWrite: WatchWrite): Store {
  const database = new DatabaseSync(file);
  database.exec(schema);
  const checkpoint = () => database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return {
    ...machineTable(database, checkpoint),
    ...executionTable(database, watchWrite),
    checkpoint,
    close: () => database.close(),
  };
}

/** Machines change rarely and nothing else remembers them: each change goes to the disk at once. */
function machineTable(database: DatabaseSync, checkpoint: () => void) {
  const put = database.prepare(
    `INSERT INTO machines VALUES (:arn, :name, :roleArn, :type, :definition, :createdAtMs, :updatedAtMs)
     ON CONFLICT (arn) DO UPDATE SET roleArn = excluded.roleArn, definition = excluded.definition, updatedAtMs = excluded.updatedAtMs`,
  );
  const get = database.prepare("SELECT * FROM machines WHERE arn = ?");
  const list = database.prepare("SELECT * FROM machines WHERE name > ? ORDER BY name LIMIT ?");
  const remove = database.prepare("DELETE FROM machines WHERE arn = ?");
  return {
    putMachine: (machine: MachineRow) => {
      put.run({ ...machine });
      checkpoint();
    },
    machine: (arn: string) => machineRow.optional().parse(get.get(arn)),
    machines: (after: string, limit: number) => list.all(after, limit).map((row) => machineRow.parse(row)),
    deleteMachine: (arn: string) => {
      remove.run(arn);
      checkpoint();
    },
  };
}

function executionTable(database: DatabaseSync, watchWrite: WatchWrite) {
  const add = database.prepare(
    `INSERT INTO executions (arn, machineArn, name, status, input, startedAtMs)
     VALUES (?, ?, ?, 'RUNNING', ?, ?) ON CONFLICT (arn) DO NOTHING`,
  );
  const end = database.prepare(
    "UPDATE executions SET status = ?, output = ?, error = ?, cause = ?, stoppedAtMs = ? WHERE arn = ?",
  );
  const remove = database.prepare("DELETE FROM executions WHERE arn = ?");
  const running = database.prepare("SELECT arn FROM executions WHERE status = 'RUNNING'");
  const get = database.prepare("SELECT * FROM executions WHERE arn = ?");
  const list = database.prepare(
    `SELECT * FROM executions WHERE machineArn = :machineArn AND (:status IS NULL OR status = :status)
     AND (startedAtMs, arn) < (:startedAtMs, :arn) ORDER BY startedAtMs DESC, arn DESC LIMIT :limit`,
  );
  return {
    addExecution: (start: StartRecord) =>
      void watchWrite(() => add.run(start.arn, start.machineArn, start.name, start.input, start.startedAtMs)),
    endExecution: (arn: string, ending: Ending) => {
      const { status, output, error, cause, stoppedAtMs } = ending;
      watchWrite(() => end.run(status, output ?? null, error ?? null, cause ?? null, stoppedAtMs, arn));
    },
    keepRunning: (isRunning: (arn: string) => boolean) => {
      for (const { arn } of running.all()) if (typeof arn === "string" && !isRunning(arn)) remove.run(arn);
    },
    execution: (arn: string) => executionRow.optional().parse(get.get(arn)),
    executions: ({ machineArn, status, limit, after }: ListQuery) => {
      const from = after ?? { startedAtMs: Number.MAX_SAFE_INTEGER, arn: "" };
      const parameters: Record<string, SQLInputValue> = { machineArn, status: status ?? null, limit, ...from };
      return list.all(parameters).map((row) => executionRow.parse(row));
    },
  };
}
