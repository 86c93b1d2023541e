/** An open code fence: what its content is stripped of, and what closes it. */
export interface Fence {
  /** White space and quote marks before the fence; every line of a split fence repeats them. */
  prefix: string;
  marker: string;
  language: string;
}

/** Bounded everywhere, because a fence that is split repeats its opening line: what is longer is text. */
const opening = /^([ \t>]{0,24}(?:(?:[-*+]|\d{1,4}[.)])[ \t]{1,4})?)(`{3,12}|~{3,12})[ \t]*([^`\n]{0,32})$/;

/** The fence that this line opens, if it does. A fence may follow a list marker on the same line. */
export function openedFence(line: string): Fence | undefined {
  const match = opening.exec(line.trimEnd());
  if (!match) return undefined;
  const [, prefix = "", marker = "", info = ""] = match;
  return { prefix: prefix.replace(/[^\s>]/g, " "), marker, language: info.trim().split(/\s/)[0] ?? "" };
}

export function closesFence(line: string, fence: Fence): boolean {
  const bare = line.replace(/^[ \t>]*/, "").trimEnd();
  return bare.startsWith(fence.marker) && bare === fence.marker.charAt(0).repeat(bare.length);
}
