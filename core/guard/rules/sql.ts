import { type SimpleCommand, textOf } from "../shell/simple-command.ts";
import { rule, type Rule } from "./rule.ts";

const clients =
  /^(?:psql|mysql|mariadb|sqlite3|sqlcmd|bq|duckdb|clickhouse(?:-client)?|cockroach|pgcli|mycli|usql|turso|wrangler|prisma|supabase|isql|sqlplus|cqlsh)$/;

/** What a client of a database is told, by argument or by input; without comments. */
const statements = (command: SimpleCommand): string[] =>
  clients.test(command.name)
    ? `${textOf(command)}\n;${command.input ?? ""}`
        .slice(0, 128_000)
        .replace(/--[ \t][^\n]*|\/\*[^*]*\*\//g, " ")
        .split(";")
    : [];

const sqlRule = (id: string, reason: string, pattern: RegExp, unless?: RegExp): Rule =>
  rule(id, reason, (command) => statements(command).some((text) => pattern.test(text) && !unless?.test(text)));

export const sql: readonly Rule[] = [
  sqlRule(
    "sql.drop",
    "It drops a table, a schema or a database.",
    /\bdrop\s+(?:table|database|schema|view|index|user|role|column|keyspace|function|materialized)\b/i,
  ),
  sqlRule("sql.truncate", "It empties a table.", /\btruncate\s+(?:table\s+)?["'`\w]/i),
  sqlRule(
    "sql.delete",
    "It deletes all rows of a table.",
    /\bdelete\s+from\s+\S/i,
    /\bwhere\b(?!\s*\(?\s*(?:1\s*=\s*1|true)\b)/i,
  ),
  sqlRule(
    "sql.update",
    "It changes all rows of a table.",
    /\bupdate\s+\S+\s+set\s/i,
    /\bwhere\b(?!\s*\(?\s*(?:1\s*=\s*1|true)\b)/i,
  ),
  sqlRule(
    "sql.grant",
    "It changes who may use the database.",
    /\b(?:grant\s+\w[\s\S]{0,200}\bto|revoke\s+\w[\s\S]{0,200}\bfrom|alter\s+(?:user|role)|alter\s+table\s+\S+\s+drop)\b/i,
  ),
  rule(
    "sql.drop-program",
    "It drops a database.",
    (command) =>
      command.name === "dropdb" ||
      command.name === "dropuser" ||
      (command.name === "mysqladmin" && /\bdrop\b/.test(textOf(command))),
  ),
  rule(
    "sql.redis",
    "It empties a store.",
    (command) =>
      /^(?:redis-cli|valkey-cli|keydb-cli)$/.test(command.name) &&
      /\bflush(?:all|db)\b|\bshutdown\b/i.test(`${textOf(command)} ${command.input ?? ""}`),
  ),
  rule(
    "sql.mongo",
    "It drops a collection or a database.",
    (command) =>
      /^mongo(?:sh)?$/.test(command.name) &&
      /dropDatabase|\.drop\(|deleteMany\(\s*\{?\s*\}?\s*\)|\.remove\(\s*\{?\s*\}?\s*\)/.test(
        `${textOf(command)} ${command.input ?? ""}`,
      ),
  ),
];
