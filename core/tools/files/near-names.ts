import { likeness } from "./likeness.ts";

/** The names most like a wanted one, best first: for a path that does not exist. */
export function nearNames(wanted: string, names: readonly string[], limit = 5): string[] {
  return names
    .map((name) => ({ name, score: likeness(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ score }) => score >= 0.5)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ name }) => name);
}
