import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { hostRunner } from "../../../core/shells/local/host.ts";
import { newFolder } from "./runners.ts";

const spin = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

/**
 * Keeps Node's event loop busy where that hurts: among what it reads, so that it learns of the end of a process whose output it
 * has not read yet, and then before its timers, so that these are due before it reads again.
 */
async function keepBusy(): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
    socket.destroy();
    server.close();
  });
  socket.on("data", (data) => {
    spin(150);
    socket.write(data);
  });
  socket.write("x");
  const beforeTimers = () => {
    spin(300);
    if (!isOver) setImmediate(beforeTimers);
  };
  setImmediate(beforeTimers);
}

it("loses nothing of a script that ends while this process is busy", async () => {
  const workspace = await hostRunner().open(await newFolder());
  await keepBusy();
  const scripts = Array.from({ length: 40 }, async (_, at) => {
    const { output, exitCode } = await workspace.run(`sleep ${at * 0.05}; echo out; exit 3`, { timeoutMs: 30_000 });
    return `${exitCode} ${output}`;
  });
  expect(await Promise.all(scripts)).toEqual(scripts.map(() => "3 out\n"));
}, 60_000);
