import { systemClock } from "../../core/base/clock.ts";
import { TalariaError } from "../../core/base/errors.ts";
import { resourceEnvironment } from "../../stacks/manifest.ts";
import { openWire, type Wire } from "../../web/chat/wire.ts";
import { runningAddress } from "../cloud-file.ts";
import type { Cloud } from "../cloud/index.ts";
import { startInstance } from "../instance.ts";
import type { Options } from "../options.ts";

/** An agent to talk with: one that runs already, or one of our own for the time of the chat. */
export interface ChatAgent {
  wire: Wire;
  /** Said before the first prompt. */
  greeting: string;
  /** Ends an agent of our own. */
  close(): Promise<void>;
}

/** The conversation of every terminal chat with this data folder: it goes on where it was. */
const terminal = "terminal";

export async function findAgent(options: Options, settings: NodeJS.ProcessEnv): Promise<ChatAgent> {
  return (await runningAgent(options, settings, terminal)) ?? (await ownAgent(options));
}

/** The agent that runs in the data folder; `undefined` when none does. */
export async function runningAgent(
  { dataFolder }: Pick<Options, "dataFolder">,
  settings: NodeJS.ProcessEnv,
  chat: string,
): Promise<ChatAgent | undefined> {
  const address = runningAddress(dataFolder, settings);
  if (!address) return undefined;
  const wire = openWire({ ...address, chat });
  const isReached = await wire.lettersAfter(Date.now()).then(
    () => true,
    () => false,
  );
  return isReached ? { wire, greeting: `Talking with the agent at ${address.url}.`, close: async () => {} } : undefined;
}

/** On its usual port; whatever else has that can keep it. */
async function ownAgent({ dataFolder, port }: Options): Promise<ChatAgent> {
  const instance = await startInstance({ dataFolder, port }).catch((error: unknown) => {
    if (error instanceof TalariaError && error.code === "cloud.port-in-use")
      return startInstance({ dataFolder, port: 0 });
    throw error;
  });
  const { cloud, environment, isPractice, close } = instance;
  return {
    wire: openWire({ url: cloud.url, token: environment["TALARIA_WEB_TOKEN"] ?? "", chat: terminal }),
    greeting: isPractice
      ? "The practice model answers, since no key was found (set OPENAI_API_KEY in .env for a real one)."
      : `The model is ${environment["TALARIA_MODEL"] ?? "openai"}.`,
    async close() {
      await turnsEnded(cloud);
      await close();
    },
  };
}

const patienceMs = 3_000;
const lookEveryMs = 20;

/**
 * A turn goes on for some milliseconds after its reply, and for longer after a stop: an agent that ends between two
 * writes has to recover at its next start. A turn that takes its time is left for then.
 */
async function turnsEnded({ awsEnvironment, stepFunctions }: Cloud): Promise<void> {
  const stateMachineArn = awsEnvironment[resourceEnvironment.turnMachine] ?? "";
  for (const until = Date.now() + patienceMs; Date.now() < until; await systemClock.sleep(lookEveryMs)) {
    const running = await stepFunctions.listExecutions({ stateMachineArn, statusFilter: "RUNNING" });
    if (running.executions.length === 0) return;
  }
}
