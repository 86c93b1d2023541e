import { codeBlock, type Parts, type Rule } from "../rule.ts";
import { howToSetAModel } from "./talk.ts";

/**
 * What Talaria says in the person's place, which is one request however many lines it has: `/learn` and `/<skill>` unfold
 * to instructions for a model that can follow them, and a background process reports (core/learning/commands.ts,
 * core/skills/invoke.ts, core/turn/job-news.ts).
 */
export type OwnWords = Pick<Rule, "answer"> & { pattern: RegExp };

/** In a group each message begins with its sender. */
const from = String.raw`^(?:\[[^\]\n]{1,200}\] )?`;

const source = ({ source: given }: Parts): string =>
  given === undefined ? "what we did in this conversation" : `this source: ${given}`;

const learn: OwnWords = {
  pattern: new RegExp(
    String.raw`${from}Learn a skill from (?:this source: (?<source>[\s\S]+?)|what we did in this conversation)\n\nHow to go about it:`,
  ),
  answer: (parts) =>
    `\`/learn\` asks the model to make a skill from ${source(parts)}. It would read that, look whether there is such a skill already, and write one down. I cannot, and have changed nothing: that takes a real model. ${howToSetAModel}`,
};

const callSkill: OwnWords = {
  pattern: new RegExp(
    String.raw`${from}\[The person called the skills? (?<names>[^\]\n]+)\. Follow what is said below\.\]`,
  ),
  answer: ({ names = "" }) => {
    const called = names.split(", ").map((name) => `\`${name}\``);
    return `You called ${called.join(", ")}: instructions that the model would now follow. I cannot, and have done nothing: that takes a real model. ${howToSetAModel} \`/skills view ${names.split(", ")[0]}\` shows what such a skill says.`;
  },
};

const jobNews: OwnWords = {
  pattern:
    /^\[Not from the person, but from your machine: (?<news>[^\n\]]+)(?:\nThe end of its output:\n(?<output>[\s\S]*))?\]$/,
  answer: ({ news = "", output }) => (output === undefined ? news : `${news} It wrote:\n${codeBlock(output)}`),
};

export const ownWords: readonly OwnWords[] = [learn, callSkill, jobNews];
