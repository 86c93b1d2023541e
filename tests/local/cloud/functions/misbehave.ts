/** Does what the event asks for, so that a test can see how the cloud takes it. */
import { setTimeout as sleep } from "node:timers/promises";

interface Misdeed {
  kind: "throw" | "throw-text" | "hang" | "exit" | "nothing" | "large" | "allocate";
}

export const handler = async ({ kind }: Misdeed): Promise<unknown> => {
  switch (kind) {
    case "throw":
      throw Object.assign(new Error("no such thing"), { name: "Talaria.Refused" });
    case "throw-text":
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- Lambda reports these in its own way
      throw "plain text";
    case "hang":
      return sleep(60_000, undefined, { ref: false });
    case "exit":
      return process.exit(3);
    case "large":
      return "x".repeat(7 * 1024 * 1024);
    case "allocate":
      return allocate();
    case "nothing":
      return undefined;
  }
};

function allocate(): number {
  const kept: number[][] = [];
  for (let round = 0; round < 10_000; round += 1) kept.push(Array.from({ length: 100_000 }, (_, index) => index));
  return kept.length;
}
