/** Makes UUIDs of version 7 (RFC 9562), each greater than the one before: their order is the order of the messages. */
export function messageIds(now: () => number): () => string {
  let last = 0;
  return () => {
    last = Math.max(now(), last + 1);
    const time = last.toString(16).padStart(12, "0");
    const random = crypto.randomUUID();
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
  };
}
