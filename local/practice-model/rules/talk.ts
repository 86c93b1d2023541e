import type { Rule } from "../rule.ts";

export const introduction =
  "I am Talaria's practice model: a small rule-following program, not a language model. Set OPENAI_API_KEY (or OPENAI_BASE_URL) to talk to a real one.";

export const howToSetAModel =
  "Put OPENAI_API_KEY=… (or another provider's settings, see .env.example) into .env and start again.";

export const today: Rule = {
  example: "what day is it?",
  patterns: [/\bwhat(?:'s| is)?(?: the| today's)? (?:date|day)\b/i, /\bwhich day\b/i],
  answer: (_parts, { system }) => {
    const date = /\b(?:\w+day,? )?(?:\d{1,2} \w+ 20\d\d|\w+ \d{1,2}, 20\d\d|20\d\d-\d\d-\d\d)\b/.exec(system)?.[0];
    return date ? `My instructions give the date as ${date}.` : "My instructions do not say which day it is.";
  },
};

const operators: Record<string, (left: number, right: number) => number> = {
  "+": (left, right) => left + right,
  plus: (left, right) => left + right,
  "-": (left, right) => left - right,
  minus: (left, right) => left - right,
  "*": (left, right) => left * right,
  x: (left, right) => left * right,
  times: (left, right) => left * right,
  "/": (left, right) => left / right,
  "divided by": (left, right) => left / right,
};

export const arithmetic: Rule = {
  example: "what is 6 times 7?",
  patterns: [
    /\b(?:what(?:'s| is)|how much is|calculate|compute) (?<left>-?\d+(?:\.\d+)?) ?(?<operator>[-+*/x]|plus|minus|times|divided by) ?(?<right>-?\d+(?:\.\d+)?)$/i,
  ],
  answer: ({ left, right, operator = "+" }) => {
    const value = operators[operator.toLowerCase()]?.(Number(left), Number(right));
    return `${left} ${operator} ${right} = ${value}`;
  },
};

export const repeat: Rule = {
  example: "say good morning",
  patterns: [/^(?:say|repeat|echo)(?: after me)?:? (?<words>\S.*)$/is],
  answer: ({ words = "" }) => words.trim(),
};

export const greet: Rule = {
  example: "hello",
  patterns: [/^(?:hi|hello|hey|good (?:morning|evening|day))\b/i],
  answer: () => "Hello! Ask me to do something, or ask what I can do.",
};
