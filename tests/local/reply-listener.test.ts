import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startReplyListener } from "../../local/reply-listener.ts";

it("takes the replies to its conversation, and nothing else that is posted to it", async () => {
  const listener = await startReplyListener("mine");
  onTestFinished(() => listener.close());
  const { hostname, port } = new URL(listener.url);
  const post = async (body: string) => (await fetch(listener.url, { method: "POST", body })).status;
  const reply = (conversation: string, text: string) => post(JSON.stringify({ conversation, text }));

  expect(await reply("mine", "One.")).toBe(204);
  for (const body of ["no JSON", "null", `{"conversation":"mine"}`]) expect(await post(body)).toBe(503);
  expect(await reply("another", "Not for you.")).toBe(503);
  // Whoever breaks off in the middle ends nothing.
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.end("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf", () => socket.destroy());
    });
    socket.once("close", () => resolve());
  });
  expect(await reply("mine", "Two.")).toBe(204);
  expect(listener.parts).toEqual(["One.", "Two."]);
});
