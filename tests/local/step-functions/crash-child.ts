/** A process to be killed: the engine over a folder, with functions that write down every call. */
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { systemClock } from "../../../core/base/clock.ts";
import { createStepFunctions } from "../../../local/step-functions/index.ts";
import { scriptedLambda } from "./support.ts";

const [folder = "", aheadMs = "0", hangs = "no"] = process.argv.slice(2);
const note = (line: string) => appendFileSync(join(folder, "calls.log"), `${line}\n`);

const engine = createStepFunctions({
  folder: join(folder, "engine"),
  clock: { ...systemClock, now: () => Date.now() + Number(aheadMs) },
  invokeLambda: scriptedLambda({
    record: (payload) => {
      note(payload as string);
      return payload;
    },
    keep: (payload) => {
      note(`token:${(payload as { token: string }).token}`);
      return null;
    },
    slow: () => {
      note("slow");
      return hangs === "hang" ? new Promise(() => {}) : "slow";
    },
    count: (payload) => {
      const n = (payload as { n: number }).n + 1;
      note(`step:${n}`);
      return { n };
    },
  }),
});
await engine.start();
const server = createServer(engine.handle).listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
