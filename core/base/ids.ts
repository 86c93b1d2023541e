import { monotonicFactory } from "ulid";

/** Every id is a prefix, an underscore and a ULID: sortable by time, and its kind can be read off. */
const prefixes = {
  session: "ses",
  person: "per",
  claim: "clm",
  call: "call",
  wait: "wait",
  job: "job",
  question: "q",
  ledger: "led",
  proposal: "prop",
} as const;

const ulid = monotonicFactory();

export const newId = (kind: keyof typeof prefixes): string => `${prefixes[kind]}_${ulid()}`;
