/** Lines that belong together: how the model indented one, and how the file does. */
interface Pair {
  at: number;
  given: string;
  actual: string;
}

/**
 * How lines that the model wrote are indented in the file, learned from lines of both that belong together: an
 * indentation that occurs there is the file's own (of the line nearest to `near`), one between or beyond them keeps its
 * distance.
 */
export function indentationOf(
  written: readonly string[],
  found: readonly string[],
): (line: string, near: number) => string {
  const pairs = written.flatMap((line, at): Pair[] => {
    const other = found[at] ?? "";
    if (line.trim() === "" || other.trim() === "") return [];
    return [{ at, given: indentOf(line), actual: indentOf(other) }];
  });
  if (pairs.every(({ given, actual }) => given === actual)) return (line) => line;
  const first = new Map(pairs.toReversed().map(({ given, actual }) => [given, actual]));
  const convert = converterOf(first);
  return (line, near) => {
    if (line.trim() === "") return line;
    const given = indentOf(line);
    const alike = pairs.filter((pair) => pair.given === given);
    const [nearest] = alike.sort((a, b) => Math.abs(a.at - near) - Math.abs(b.at - near));
    return (nearest?.actual ?? indentBeside(given, first, convert)) + line.slice(given.length);
  };
}

/** For an indentation that none of the known lines has: the nearest shallower one and the rest, or a deeper one less the rest. */
function indentBeside(given: string, known: ReadonlyMap<string, string>, convert: (rest: string) => string): string {
  const byDepth = [...known].sort(([a], [b]) => b.length - a.length);
  const shallower = byDepth.find(([indent]) => given.startsWith(indent));
  if (shallower !== undefined) return shallower[1] + convert(given.slice(shallower[0].length));
  const deeper = byDepth.findLast(([indent]) => indent.startsWith(given));
  if (deeper === undefined) return given;
  const rest = convert(deeper[0].slice(given.length));
  return deeper[1].endsWith(rest) ? deeper[1].slice(0, deeper[1].length - rest.length) : "";
}

/** Where the model wrote spaces and the file has tabs, or the other way round, further levels are translated too. */
function converterOf(known: ReadonlyMap<string, string>): (rest: string) => string {
  for (const [given, actual] of known) {
    if (/^ +$/.test(given) && /^\t+$/.test(actual)) {
      const width = Math.max(1, Math.round(given.length / actual.length));
      return (rest) => rest.replaceAll(" ".repeat(width), "\t");
    }
    if (/^\t+$/.test(given) && /^ +$/.test(actual)) {
      const width = Math.max(1, Math.round(actual.length / given.length));
      return (rest) => rest.replaceAll("\t", " ".repeat(width));
    }
  }
  return (rest) => rest;
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? "";
