/**
 * What the benchmark's process asks of the outside: the people, the platform (a fake Telegram) and the model, in a
 * process of their own, so that their processor time is not counted as ours. All times are milliseconds of one clock,
 * that of the outside.
 */
export interface Outside {
  addresses(): Promise<{ model: string; telegram: string }>;
  /** One message to its delivered reply. */
  converse(question: Question): Promise<Trace>;
  /** Conversations at once, each of which says the next thing when it has its answer. */
  flood(flood: Flood): Promise<FloodResult>;
  /** Conversations at once that say several things without waiting. */
  burst(burst: Burst): Promise<BurstResult>;
  /** Lengths of what stood before the first message of the newest model request, in UTF-16 units. */
  promptLengths(): Promise<{ system: number; tools: number }>;
}

export interface Target {
  /** Of the front, without a slash at the end. */
  url: string;
}

export interface Script {
  /** Model calls that the turn takes: all but the last ask for a tool. */
  steps: number;
  tool: string;
}

export interface Question extends Target, Script {
  person: number;
}

export interface Trace {
  postedAtMs: number;
  /** The webhook was answered. */
  acceptedAtMs: number;
  /** From the first byte of the model's request to the last of its answer, in order. */
  modelCalls: Span[];
  /** The platform has taken the reply. */
  deliveredAtMs: number;
}

export interface Span {
  fromMs: number;
  untilMs: number;
}

export interface Flood extends Target {
  conversations: number;
  /** Over all conversations. */
  turns: number;
  firstPerson: number;
}

export interface FloodResult {
  turns: number;
  durationMs: number;
}

export interface Burst extends Target {
  conversations: number;
  messages: number;
  firstPerson: number;
  /** How long the model takes for one answer: long enough that two calls of one conversation would overlap. */
  thinkingMs: number;
}

export interface BurstResult {
  answered: number;
  lost: number;
  doubled: number;
  /** Messages that a model was shown, or a person was answered, after one that was posted when they were accepted. */
  disordered: number;
  /** Messages that came after a later one which was under way at the same time. */
  inFlight: number;
  /** Model calls that began while the same conversation had one under way. */
  overlapping: number;
  /** Webhooks that had to be delivered again. */
  redelivered: number;
  replies: number;
  modelCalls: number;
  durationMs: number;
}
