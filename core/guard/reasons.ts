import { dangerous } from "./rules/dangerous.ts";
import { outward } from "./rules/outward.ts";

/** What a rule that a person may allow looks out for, in a sentence; absent: there is no such rule any more. */
export const reasonOfRule = (id: string): string | undefined =>
  [...dangerous, ...outward].find((rule) => rule.id === id)?.reason;
