/** The events of an execution as GetExecutionHistory shows them. They live in its journal, not in memory. */
import type { HistoryEvent, HistoryEventType } from "@aws-sdk/client-sfn";

/** Source of both: Step Functions developer guide, "Service quotas". */
export const maxEvents = 25_000;
export const maxDataBytes = 262_144;

/** The member of an event that its type calls for, as the API names it. */
export type EventDetails = Partial<Omit<HistoryEvent, "id" | "previousEventId" | "timestamp" | "type">>;

export interface EventRecord {
  kind: "event";
  id: number;
  previousId: number;
  type: HistoryEventType;
  /** Milliseconds since 1970. */
  atMs: number;
  details: EventDetails;
}

export const historyEvent = (record: EventRecord): HistoryEvent => ({
  id: record.id,
  previousEventId: record.previousId,
  type: record.type,
  timestamp: new Date(record.atMs),
  ...record.details,
});

export const isTooLarge = (text: string): boolean => Buffer.byteLength(text) > maxDataBytes;
