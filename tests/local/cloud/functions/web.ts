/** A function behind a URL: answers what the query asks for. */
interface UrlEvent {
  rawPath: string;
  queryStringParameters?: Record<string, string>;
}

const answers: Record<string, (event: UrlEvent) => unknown> = {
  event: (event) => event,
  redirect: () => ({ statusCode: 302, headers: { Location: "/elsewhere" }, cookies: ["a=1; Path=/", "b=2"] }),
  binary: () => ({
    statusCode: 200,
    headers: { "Content-Type": "image/png" },
    body: Buffer.from([0, 255, 1]).toString("base64"),
    isBase64Encoded: true,
  }),
  text: () => "plain",
  throw: () => {
    throw new Error("inner secret");
  },
};

export const handler = (event: UrlEvent): unknown =>
  answers[event.queryStringParameters?.["answer"] ?? "event"]?.(event);
