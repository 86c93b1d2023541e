/** Share of common letter pairs (the Dice coefficient): 1 for equal texts, 0 for texts without a pair in common. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const total = a.length + b.length - 2;
  if (a.length < 2 || b.length < 2 || total === 0) return 0;
  const pairs = new Map<string, number>();
  for (let at = 0; at < a.length - 1; at += 1) {
    const pair = a.slice(at, at + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  let common = 0;
  for (let at = 0; at < b.length - 1; at += 1) {
    const pair = b.slice(at, at + 2);
    const left = pairs.get(pair) ?? 0;
    if (left === 0) continue;
    common += 1;
    pairs.set(pair, left - 1);
  }
  return (2 * common) / total;
}
