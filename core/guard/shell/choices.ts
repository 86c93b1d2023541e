import type { Draft, Session } from "./session.ts";

/** Stand around the name of a variable that has one value after another, as in a loop; the first says that blanks divide it. */
const [divided, quoted, end] = ["\ue002", "\ue003", "\ue004"];
const marks = /([\ue002\ue003])(\w+)\ue004/g;
const mostVariants = 64;
const longestValue = 200;
/** A value may hold the mark of another loop's variable. */
const mostLoops = 3;

export const choiceOf = (name: string, isQuoted: boolean): string => `${isQuoted ? quoted : divided}${name}${end}`;

/** The loops go on with these values, as far as they name the variable itself. */
export function changeChoices({ choices }: Session, name: string, value: string): void {
  const before = choices.get(name);
  if (!before) return;
  const own = [choiceOf(name, true), choiceOf(name, false)].find((mark) => value.includes(mark));
  if (own === undefined) choices.delete(name);
  else
    choices.set(
      name,
      before.slice(0, mostVariants).map((each) =>
        value
          .slice(0, 2 * longestValue)
          .replaceAll(own, () => each.slice(0, longestValue))
          .slice(0, longestValue),
      ),
    );
}

/** A pipeline once for each value that its variables have in turn; beyond a bound, once with all of them. */
export function variantsOf(stages: Draft[], session: Session, round = 0): Draft[][] {
  if (session.choices.size === 0 || stages.every((stage) => keepsMarks(stage))) return [stages];
  const names = [...new Set(stages.flatMap(textsIn).flatMap(namesIn))].filter((name) => session.choices.has(name));
  if (names.length === 0) return [stages];
  const count = names.reduce((total, name) => total * session.choices.get(name)!.length, 1);
  const isTooMany = round >= mostLoops || count > mostVariants || count > session.variants;
  session.variants -= isTooMany ? 0 : count;
  const variants = isTooMany
    ? [replaced(stages, session, (name) => session.choices.get(name)?.join(" "))]
    : Array.from({ length: count }, (_, at) => replaced(stages, session, chosen(names, session, at)));
  return variants.flatMap((variant) => (isTooMany ? [variant] : variantsOf(variant, session, round + 1)));
}

/** An assignment and the head of a loop run nothing: what they hold is worked out where it is used. */
const keepsMarks = ({ words }: Draft): boolean =>
  /^(?:for|select)$/.test(words[0] ?? "") || words.every((word) => /^[A-Za-z_]\w*\+?=/.test(word));

const textsIn = ({ words, redirects, here }: Draft): string[] => [
  ...words,
  ...redirects.map(({ target }) => target),
  ...(here ? [here.text] : []),
];
const namesIn = (text: string): string[] =>
  text.includes(end) ? Array.from(text.matchAll(marks), ([, , name = ""]) => name) : [];

/** The values of the variant with that number: each name counts one place further. */
function chosen(names: readonly string[], { choices }: Session, number: number): (name: string) => string | undefined {
  let left = number;
  const values = new Map<string, string>();
  for (const name of names) {
    const all = choices.get(name)!;
    values.set(name, all[left % all.length]!);
    left = Math.floor(left / all.length);
  }
  return (name) => values.get(name);
}

/** What is put in counts as text to be read: this keeps the work linear. */
function replaced(stages: readonly Draft[], session: Session, valueOf: (name: string) => string | undefined): Draft[] {
  const fill = (text: string) =>
    text.replace(marks, (mark, _, name: string) => {
      const value = valueOf(name) ?? mark;
      session.remaining -= value.length;
      if (session.remaining >= 0) return value;
      session.isUnreadable = true;
      return "";
    });
  return stages.map((stage) => ({
    ...stage,
    words: stage.words.flatMap((word) => (word.includes(divided) ? fill(word).split(/\s+/) : [fill(word)])),
    redirects: stage.redirects.map(({ operator, target }) => ({ operator, target: fill(target) })),
    ...(stage.here && { here: { text: fill(stage.here.text) } }),
  }));
}
