import { spawn } from "node:child_process";
import { text as readText } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { operator } from "./support.ts";

const sst = new URL("../../cli/sst.ts", import.meta.url).href;
const program = `
  import { openSst } from ${JSON.stringify(sst)};
  await openSst({ folder: process.cwd(), stage: "dev", environment: process.env }).deploy();`;

it("waits at Ctrl-C until sst has let go, and says that it failed", async () => {
  const { folder, environment } = operator();
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: folder,
    env: { ...environment, FAKE_SST_LINGERS: "deploy" },
    // A process group of its own, which is what Ctrl-C in a terminal goes to.
    detached: true,
  });
  const group = -Number(child.pid);
  const hasMembers = () => {
    try {
      return process.kill(group, 0);
    } catch {
      return false;
    }
  };
  onTestFinished(() => void (hasMembers() && process.kill(group, "SIGKILL")));
  child.stdout.setEncoding("utf8").once("data", () => process.kill(group, "SIGINT"));
  const isLeftBehind = new Promise<boolean>((resolve) => child.once("exit", () => resolve(hasMembers())));
  expect(await readText(child.stderr)).toMatch(/Interrupted, let go\n[^]*sst deploy failed/);
  expect(await isLeftBehind).toBe(false);
});
