/** `/allowed`: what a person has allowed the command guard for good, and how they take it back. */
import { reasonOfRule } from "../guard/reasons.ts";
import type { AllowedAbout, AllowedRule, AllowedRules } from "../store/permissions.ts";

export interface AllowedDesk {
  about: AllowedAbout;
  rules: AllowedRules;
  /** What a group has allowed is the group's: whoever may speak to the agent in it sees it and takes it back. */
  isGroup: boolean;
}

const usage =
  "`/allowed` lists what I may do without asking; `/allowed forget 2`, a rule's name or `all` takes it back.";

/**
 * Answers what was said after `/allowed`, in Markdown. Nothing is numbered anew by `forget`, so that carrying it out twice
 * takes back the same.
 */
export async function allowedText(said: string, desk: AllowedDesk): Promise<string> {
  const [word = "", ...words] = said.trim().toLowerCase().split(/\s+/);
  if (word === "" || word === "list") return list(desk);
  return word === "forget" && words.length === 1 ? forget(words[0] ?? "", desk) : usage;
}

async function list({ about, rules, isGroup }: AllowedDesk): Promise<string> {
  const all = await rules.list(about);
  await rules.saveListed(
    about.session,
    all.map(({ rule }) => rule),
  );
  if (all.length === 0)
    return "You have allowed nothing for longer than once. “For this session” and “Always” under a question would.";
  const lines = all.map(
    (rule, at) => `${at + 1}. ${reasonOf(rule.rule)} _(\`${rule.rule}\`, ${sinceOf(rule, isGroup)})_`,
  );
  return ["**I do not ask about these any more**", ...lines, "", usage].join("\n");
}

const reasonOf = (rule: string): string => reasonOfRule(rule) ?? "Something that I do not look out for any more.";

function sinceOf({ scope, at }: AllowedRule, isGroup: boolean): string {
  const where = scope === "session" ? "in this session" : isGroup ? "always, in this conversation" : "always";
  return at === undefined ? where : `${where}, since ${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

async function forget(which: string, desk: AllowedDesk): Promise<string> {
  const { about, rules } = desk;
  const chosen = await chosenBy(which, desk);
  if (chosen.length === 0)
    return which === "all"
      ? "You have allowed nothing for longer than once."
      : `Which one? I have no \`${plain(which)}\`. ${usage}`;
  for (const rule of chosen) await rules.remove(about, rule);
  const lines = chosen.map((rule) => `- ${reasonOf(rule)} _(\`${rule}\`)_`);
  return ["Taken back: I ask again about", ...lines].join("\n");
}

/** Names of rules; a number is that of the last list. */
async function chosenBy(which: string, { about, rules }: AllowedDesk): Promise<string[]> {
  if (/^\d+$/.test(which)) return (await rules.listed(about.session)).slice(Number(which) - 1, Number(which));
  const all = new Set((await rules.list(about)).map(({ rule }) => rule));
  return which === "all" ? [...all] : [...all].filter((rule) => rule.toLowerCase() === which);
}

const plain = (text: string): string => text.replaceAll("`", "'");
