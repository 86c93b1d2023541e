/** What the promise comes to, or `later` after `waitMs`; it goes on all the same. */
export async function within<Value>(waitMs: number, promise: Promise<Value>): Promise<{ value: Value } | "later"> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<"later">((resolve) => {
    timer = setTimeout(() => resolve("later"), waitMs);
  });
  return Promise.race([promise.then((value) => ({ value })), timeout]).finally(() => clearTimeout(timer));
}
