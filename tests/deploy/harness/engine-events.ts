/** The log of events that the CLI tails while the engine works, one JSON object a line. */
import { appendFileSync } from "node:fs";
import type { StateResource } from "./engine-state.ts";
import type { GraphResource, Values } from "./graph.ts";

export interface EngineEvents {
  started(config: Record<string, string>): void;
  creating(resource: GraphResource, isPreview: boolean): void;
  created(resource: GraphResource, isPreview: boolean): void;
  removed(resource: StateResource): void;
  diagnostic(urn: string, message: string, severity: string): void;
  /** How many resources there were, by what was done with them. */
  finished(changes: { create: number } | { delete: number }): void;
}

export function openEvents(file: string): EngineEvents {
  let sequence = 0;
  const emit = (event: Values) => {
    const timestamp = Math.floor(Date.now() / 1000);
    appendFileSync(file, `${JSON.stringify({ sequence, timestamp, ...event })}\n`);
    sequence += 1;
  };
  return {
    started: (config) => emit({ preludeEvent: { config } }),
    creating: (resource, planning) => emit({ resourcePreEvent: { metadata: metadataOf(resource), planning } }),
    created: (resource, planning) => emit({ resOutputsEvent: { metadata: metadataOf(resource), planning } }),
    diagnostic: (urn, message, severity) => emit({ diagnosticEvent: { urn, message, color: "never", severity } }),
    removed(resource) {
      emit({ resourcePreEvent: { metadata: removalOf(resource), planning: false } });
      emit({ resOutputsEvent: { metadata: removalOf(resource), planning: false } });
    },
    finished: (resourceChanges) =>
      emit({ summaryEvent: { maybeCorrupt: false, durationSeconds: 1, resourceChanges, policyPacks: {} } }),
  };
}

function metadataOf({ urn, type, isCustom, parent = "", inputs, outputs }: GraphResource): Values {
  const state = { type, urn, custom: isCustom, id: "", parent, inputs, outputs, provider: "" };
  return { op: "create", urn, type, provider: "", old: null, new: state, keys: null, diffs: null, logical: true };
}

function removalOf(old: StateResource): Values {
  return {
    op: "delete",
    urn: old.urn,
    type: old.type,
    provider: "",
    old,
    new: null,
    keys: null,
    diffs: null,
    logical: true,
  };
}
