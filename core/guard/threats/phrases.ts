/** Phrases that rules share. */
const r = String.raw;
/** Where an order begins: not in "my kids never ask for permission". */
export const asOrder = r`(?:(?<=^|[.!?;:,\n(“"*>]\s{0,3})|\b(?:you|please|and|then|must|should|may|can|always|just|now|agent|assistant)\s{1,3})`;
export const theUser = r`(?:(?:the|your) (?:user|human|owner(?! of\b))|the person(?! (?:on|in|at|who)\b)|your person)\b`;
