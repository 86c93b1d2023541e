/** A body that its reader left is given this long to end by itself; then the connection is closed after all. */
const maxDrainMs = 1_000;

/**
 * `fetch` whose connection can be used again when the reader stops before the end. The OpenAI SDK stops at `[DONE]`, a few
 * bytes early, and cancels the body, which closes the connection: the next step would pay for a new TLS handshake.
 */
export const drainingFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!response.body) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void drain(reader),
  });
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
};

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const tooLong = setTimeout(() => void reader.cancel().catch(() => undefined), maxDrainMs);
  try {
    while (!(await reader.read()).done);
  } catch {
    // The connection broke: there is nothing left to save.
  } finally {
    clearTimeout(tooLong);
  }
}
