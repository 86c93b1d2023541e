/** Runs `each` over all, at most `atOnce` at the same time. */
export async function inBatches<Item>(
  items: readonly Item[],
  atOnce: number,
  each: (item: Item) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += atOnce) await Promise.all(items.slice(at, at + atOnce).map(each));
}
