export type LogFields = Record<string, string | number | boolean | undefined>;

/** One JSON line per event: CloudWatch reads it as it is. Fields are ids and numbers; never message text, never a secret. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export function jsonLog(write: (line: string) => void, base: LogFields = {}): Log {
  const at = (level: string) => (event: string, fields?: LogFields) =>
    write(JSON.stringify({ level, event, at: new Date().toISOString(), ...base, ...fields }));
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };
